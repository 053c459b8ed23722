import { requireGroup } from '../addressed.ts'
import type { Item } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import { messageExpiry } from '../expiry.ts'
import { messageId } from '../ids.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { Claim, ClaimAddress, ClaimView, RenewClaim } from '../requests.ts'
import { tenYearsMs } from '../settings.ts'
import type { Step } from '../step.ts'
import { storedMessage } from './browse.ts'
import { lease } from './lifecycle.ts'
import { liveUntil } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { checkMaxMessages, takeReady, withinLeaseLimit } from './receive.ts'
import { endLease, extend } from './settle.ts'

/** Several messages leased together, under an id that renews or releases them all. */
interface ClaimRecord {
  readonly queueId: number
  readonly groupId: number
  readonly ttlMs: number
  readonly graceMs: number
  readonly renewedAt: number
}

const claims = 'claim'

/** Null when there is nothing to claim. */
export const claim = (step: Step, request: Claim): ClaimView | null => {
  checkMaxMessages(request.maxMessages, step.limits.maxBatch)
  checkTerms(request)
  const queue = step.queueOf(request)
  if (!queue) return null
  const group = requireGroup(queue, request, 'receive')
  if (!group || queue.settings.paused) return null
  const limit = withinLeaseLimit(step, queue, group, request.maxMessages)
  const taken = takeReady(step, queue, group, {
    limit,
    maxBytes: request.maxBytes ?? Number.POSITIVE_INFINITY,
    overrides: {},
  })
  if (taken.length === 0) return null

  const id = messageId(step.now, step.tx.takeNumbers(1))
  const until = step.now + request.ttlMs
  const terms = { until, claimId: id, ...(request.holder === undefined ? {} : { holder: request.holder }) }
  const items = taken.map((placed) => {
    const lasting = outlive(step, placed, until, request)
    return { delivery: lease(step, lasting, terms), message: lasting.message }
  })
  const record: ClaimRecord = {
    queueId: queue.id,
    groupId: group.id,
    ttlMs: request.ttlMs,
    graceMs: request.graceMs,
    renewedAt: step.now,
  }
  putClaim(step, id, record)
  return view(queue, group, id, record, items, step.now)
}

export const getClaim = (step: Step, request: ClaimAddress): ClaimView => {
  const { queue, group, record } = requireClaim(step, request)
  return view(queue, group, request.claim, record, messagesUnder(step, request.claim), step.now)
}

export const renewClaim = (step: Step, request: RenewClaim): ClaimView => {
  checkTerms(request)
  const { queue, group, record } = requireClaim(step, request)
  const renewed = { ...record, ttlMs: request.ttlMs, graceMs: request.graceMs, renewedAt: step.now }
  const until = step.now + request.ttlMs
  const items = messagesUnder(step, request.claim).map((item) => {
    const lasting = outlive(step, { ...item, queue, group }, until, request)
    return { delivery: extend(step, lasting, until), message: lasting.message }
  })
  putClaim(step, request.claim, renewed)
  return view(queue, group, request.claim, renewed, items, step.now)
}

/** Its messages are visible again at once, in their old places. */
export const releaseClaim = (step: Step, request: ClaimAddress): { released: boolean } => {
  const found = findClaim(step, request)
  if (!found) return { released: false }
  const { queue, group } = found
  for (const item of messagesUnder(step, request.claim))
    endLease(step, { ...item, queue, group }, { reason: 'claim limit' })
  step.writes++
  step.tx.removeDocument(claims, request.claim)
  return { released: true }
}

const checkTerms = ({ ttlMs, graceMs }: { ttlMs: number; graceMs: number }): void => {
  for (const [argument, value, least] of [
    ['ttlMs', ttlMs, 1],
    ['graceMs', graceMs, 0],
  ] as const) {
    if (Number.isInteger(value) && value >= least && value <= tenYearsMs) continue
    throw new Refusal('ArgumentInvalid', { argument, reason: `must be a whole number from ${least} to ${tenYearsMs}` })
  }
}

/** A claimed message lives until its claim ends, and a grace longer, if it would not anyway and may become so old. */
const outlive = (
  step: Step,
  placed: Placed,
  claimEnd: number,
  { graceMs, maxLifetimeMs = Number.POSITIVE_INFINITY }: Pick<Claim, 'graceMs' | 'maxLifetimeMs'>,
): Placed => {
  const { queue, message } = placed
  const until = Math.min(claimEnd + graceMs, message.sentAt + maxLifetimeMs)
  const expiry = messageExpiry(message, queue)
  return expiry === null || expiry >= until ? placed : { ...placed, message: liveUntil(step, placed, until) }
}

const putClaim = (step: Step, id: string, record: ClaimRecord): void => {
  step.writes++
  step.tx.putDocument({ collection: claims, key: id, value: record, expiresAt: record.renewedAt + record.ttlMs })
}

const messagesUnder = (step: Step, id: string): Item[] =>
  step.tx.claimed(id).filter(({ delivery }) => delivery.state === 'leased' && delivery.visibleAt > step.now)

const findClaim = (
  step: Step,
  request: ClaimAddress,
): { queue: QueueRecord; group: GroupRecord; record: ClaimRecord } | undefined => {
  const document = step.tx.document(claims, request.claim)
  if (!document || (document.expiresAt ?? 0) <= step.now) return undefined
  const record = document.value as ClaimRecord
  const queue = step.queueOf(request)
  const group = queue?.groups.find(({ id }) => id === record.groupId)
  return queue && group ? { queue, group, record } : undefined
}

const requireClaim = (step: Step, request: ClaimAddress) => {
  const found = findClaim(step, request)
  if (!found) throw new Refusal('ClaimNotFound', { claim: request.claim })
  return found
}

const view = (
  queue: QueueRecord,
  group: GroupRecord,
  id: string,
  record: ClaimRecord,
  items: readonly Item[],
  now: number,
): ClaimView => ({
  id,
  ttlMs: record.ttlMs,
  graceMs: record.graceMs,
  renewedAt: record.renewedAt,
  expiresAt: record.renewedAt + record.ttlMs,
  messages: items.map((item) => storedMessage(queue, group, item, now)),
})
