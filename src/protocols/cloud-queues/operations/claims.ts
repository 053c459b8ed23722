import { isRefusal } from '../../../core/errors.ts'
import type { ClaimView } from '../../../core/requests.ts'
import { badValue, json, noContent, notFound, ok } from '../answer.ts'
import { type Fields, integerField, missingField, readObject, wrongKind } from '../documents.ts'
import { claimGrace, claimTtl, messageTtl } from '../limits.ts'
import { claimLink, messagesLink } from '../links.ts'
import { ageOf, showMessage } from '../messages/show.ts'
import { allVersions, type Call, type Operation } from '../operation.ts'
import { pageSize } from '../pages.ts'

const path = '/queues/:queue/claims'
const common = { versions: allVersions, access: ['receive'] } as const

export const createClaim: Operation = {
  ...common,
  name: 'post_claim',
  summary: 'Claims the oldest messages that nobody has, for a while.',
  method: 'POST',
  path,
  readsBody: true,
  async run(call) {
    const { engine, account, queue, version } = call
    const maxMessages = pageSize(call)
    const { ttl, grace } = termsOf(call, true)
    const claim = await engine.claim({
      account,
      queue,
      maxMessages,
      ttlMs: ttl * 1000,
      graceMs: grace * 1000,
      maxLifetimeMs: messageTtl.max * 1000,
    })
    if (!claim) return noContent()
    const messages = `[${showClaimed(call, claim)}]`
    return {
      status: 201,
      content: version === 'v1' ? messages : `{"messages":${messages}}`,
      headers: ['location', claimLink(call, claim.id)],
    }
  },
}

export const getClaim: Operation = {
  ...common,
  name: 'claim',
  summary: 'A claim, with the messages that it still has.',
  method: 'GET',
  path: `${path}/:claim`,
  async run(call) {
    const { engine, account, queue, place, clock, version, request } = call
    const { claim = '' } = place
    const view = await orNotFound(call, engine.getClaim({ account, queue, claim }))
    const ttl = Math.floor(view.ttlMs / 1000)
    const about = `"href":${json(claimLink(call, claim))},"ttl":${ttl},"age":${ageOf(view.renewedAt, clock.now())}`
    const headers = version === 'v1' ? ['Content-Location', request.url ?? ''] : undefined
    return ok(`{${about},"messages":[${showClaimed(call, view)}]}`, headers)
  },
}

export const renewClaim: Operation = {
  ...common,
  name: 'patch_claim',
  summary: 'Makes a claim last anew from now on.',
  method: 'PATCH',
  path: `${path}/:claim`,
  readsBody: true,
  async run(call) {
    const { engine, account, queue, place } = call
    const { claim = '' } = place
    const { ttl, grace } = termsOf(call, false)
    const terms = { ttlMs: ttl * 1000, graceMs: grace * 1000, maxLifetimeMs: messageTtl.max * 1000 }
    await orNotFound(call, engine.renewClaim({ account, queue, claim, ...terms }))
    return noContent()
  },
}

export const releaseClaim: Operation = {
  ...common,
  name: 'delete_claim',
  summary: 'Gives up a claim: its messages can be claimed again at once, in their old places.',
  method: 'DELETE',
  path: `${path}/:claim`,
  async run({ engine, account, queue, place: { claim = '' } }) {
    await engine.releaseClaim({ account, queue, claim })
    return noContent()
  },
}

/** v1 wants both, and for a renewal at least the ttl; later versions have defaults for both, for null too. */
const termsOf = ({ body, version }: Call, isNew: boolean): { ttl: number; grace: number } => {
  const isV1 = version === 'v1'
  const fields = readObject(body, { optional: !isV1 })
  const ttl = field(fields, 'ttl', !isV1) ?? (isV1 ? undefined : claimTtl.standard)
  const grace = field(fields, 'grace', !isV1) ?? (isV1 ? (isNew ? undefined : 0) : claimGrace.standard)
  if (ttl === undefined) throw missingField('ttl')
  if (grace === undefined) throw missingField('grace')
  checkRange('TTL', ttl, claimTtl.min, claimTtl.max)
  checkRange('grace', grace, isNew ? claimGrace.min : 0, claimGrace.max)
  return { ttl, grace }
}

const field = (fields: Fields, name: string, orNull: boolean): number | undefined => {
  if (fields[name] !== null) return integerField(fields, name)
  if (!orNull) throw wrongKind(name, 'int')
  return undefined
}

const checkRange = (what: string, value: number, min: number, max: number): void => {
  if (value >= min && value <= max) return
  throw badValue(`The ${what} for a claim may not exceed ${max} seconds, and must be at least ${min} seconds long.`)
}

const showClaimed = (call: Call, { id, messages }: ClaimView): string => {
  const { version, settings, clock } = call
  const about = { version, settings, now: clock.now(), messages: messagesLink(call), claim: id }
  return messages.map((message) => showMessage(message, about)).join(',')
}

const orNotFound = async <Result>({ queue, account, place }: Call, work: Promise<Result>): Promise<Result> => {
  try {
    return await work
  } catch (error) {
    if (!isRefusal(error, 'ClaimNotFound')) throw error
    throw notFound(`Claim ${place.claim} does not exist for queue ${queue} for project ${account}`)
  }
}
