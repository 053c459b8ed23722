import { type Static, Type } from 'typebox'
import { GroupName, QueueName, spanMs, strict, timestamp } from './common.ts'
import { maxBytes, StoredMessage } from './receive.ts'
import { maxBatch } from './send.ts'

const ClaimId = Type.String({ description: 'The id of a claim.' })

export const ClaimPath = Type.Object({ queue: QueueName, claim: ClaimId })
export type ClaimPath = Static<typeof ClaimPath>

const ttlMs = spanMs('How long the claim lasts.', { min: 1 })
const graceMs = spanMs('The messages under the claim live at least until it ends and this much longer.')

export const ClaimRequest = Type.Object(
  {
    maxMessages: Type.Optional(
      Type.Integer({ minimum: 1, maximum: maxBatch, default: 10, description: 'How many messages to claim at most.' }),
    ),
    maxBytes,
    ttlMs,
    graceMs: Type.Optional({ ...graceMs, default: 0 }),
    group: Type.Optional(GroupName),
    holder: Type.Optional(Type.String({ description: 'Who claims, to be shown to people.' })),
  },
  { ...strict, title: 'ClaimRequest', examples: [{ maxMessages: 10, ttlMs: 60_000, graceMs: 30_000 }] },
)
export type ClaimRequest = Static<typeof ClaimRequest>

export const RenewClaimRequest = Type.Object(
  { ttlMs, graceMs: Type.Optional({ ...graceMs, default: 0 }) },
  { ...strict, title: 'RenewClaimRequest', examples: [{ ttlMs: 60_000 }] },
)
export type RenewClaimRequest = Static<typeof RenewClaimRequest>

export const Claim = Type.Object(
  {
    id: ClaimId,
    ttlMs,
    graceMs,
    renewedAt: timestamp('Its creation, or its last renewal.'),
    expiresAt: timestamp('When it ends.'),
    messages: Type.Array(StoredMessage, {
      description: 'Delete one with `DELETE /queues/{queue}/messages/{id}?claim=…`.',
    }),
  },
  { title: 'Claim' },
)
export type Claim = Static<typeof Claim>

export const Released = Type.Object(
  { released: Type.Boolean({ description: 'False when there was no such claim, or it had ended.' }) },
  { title: 'Released' },
)
export type Released = Static<typeof Released>
