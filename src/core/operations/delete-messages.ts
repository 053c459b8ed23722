import { requireGroup } from '../addressed.ts'
import { Refusal } from '../errors.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { readsAlong } from '../queue.ts'
import type { DeleteMessages, EntryResult, Settled } from '../requests.ts'
import type { Step } from '../step.ts'
import { expectMessages, findMessage } from './browse.ts'
import { end, endEverywhere } from './ending.ts'
import { isExpired } from './lifetime.ts'
import { perEntry } from './settle.ts'

/** Deletes messages by their ids, whoever has them or not. What is malformed, unknown or gone changes nothing. */
export const deleteMessages = (step: Step, request: DeleteMessages): readonly EntryResult[] => {
  if (request.ids.length < 1 || request.ids.length > step.limits.maxBatch) {
    throw new Refusal('ArgumentInvalid', {
      argument: 'ids',
      reason: `must be 1 to ${step.limits.maxBatch}, not ${request.ids.length}`,
    })
  }
  const queue = step.queueOf(request)
  const group = queue && requireGroup(queue, request, 'look')
  if (group) expectMessages(step, group, request.ids)
  return request.ids.map((id) =>
    queue && group ? perEntry(() => deleteOne(step, queue, group, id, request)) : { ok: true, value: unchanged(id) },
  )
}

const deleteOne = (
  step: Step,
  queue: QueueRecord,
  group: GroupRecord,
  id: string,
  request: DeleteMessages,
): Settled => {
  const item = findMessage(step, queue, group, id)
  if (!item || isExpired({ ...item, queue, group }, step.now)) return unchanged(id)
  if (request.leased === 'refuse') checkLease(id, request.claim, item.delivery, step.now)
  const placed = { ...item, queue, group }
  if (readsAlong(group)) end(step, placed, 'deleted')
  else endEverywhere(step, placed, 'deleted')
  return { id, type: null, reprocessCount: item.delivery.reprocessCount, visibleAt: null, changed: true }
}

const checkLease = (
  id: string,
  claim: string | undefined,
  delivery: { readonly state: string; readonly visibleAt: number; readonly claimId: string | null },
  now: number,
): void => {
  const leased = delivery.state === 'leased' && delivery.visibleAt > now
  if (claim === undefined) {
    if (leased) throw new Refusal('MessageLeased', { id })
    return
  }
  if (!leased) throw new Refusal('MessageNotClaimed', { id, claim })
  if (delivery.claimId !== claim) throw new Refusal('MessageLeased', { id })
}

const unchanged = (id: string): Settled => ({
  id,
  type: null,
  reprocessCount: 0,
  visibleAt: null,
  changed: false,
})
