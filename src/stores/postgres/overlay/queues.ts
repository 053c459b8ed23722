import type { GroupRecord, QueueRecord } from '../../../core/queue.ts'
import { codePointOrder } from '../code-points.ts'
import { type KnownQueue, nameKey } from '../known-queues.ts'
import type { RangeNeed } from '../needs.ts'
import { Rows, rangeOf } from '../rows.ts'
import type { OverlayState, StoredQueue } from './state.ts'

export const queueByName = (state: OverlayState, account: string, name: string): QueueRecord | undefined => {
  for (const written of state.queuesWritten.values()) {
    if (written && written.account === account && written.name === name) return queueById(state, written.id)
  }
  const id = findId(state, account, name)
  if (id === 'unknown') state.miss()
  const queue = id === undefined ? undefined : queueById(state, id)
  return queue?.name === name && queue.account === account ? queue : undefined
}

export const findId = (state: OverlayState, account: string, name: string): number | undefined | 'unknown' => {
  const key = nameKey(account, name)
  const loaded = state.nameBase.get(key)
  if (loaded !== undefined || state.nameBase.has(key)) return loaded
  const known = state.known.byName(account, name)
  if (known && adopt(state, known)) return known.record.id
  state.needs.queueNames.set(key, { account, name })
  return 'unknown'
}

export const queueById = (state: OverlayState, id: number): QueueRecord | undefined => {
  const merged = state.merged.get(id)
  if (merged !== undefined || state.merged.has(id)) return merged
  const queue = merge(state, id)
  state.merged.set(id, queue)
  return queue
}

const merge = (state: OverlayState, id: number): QueueRecord | undefined => {
  const written = state.queuesWritten.get(id)
  if (written === undefined && state.queuesWritten.has(id)) return undefined
  const base = baseQueue(state, id)
  const own = written ?? base
  if (!own) return undefined
  if (state.groupsWritten.size === 0 && written === undefined) return base
  const groups = new Map(base?.groups.map((group) => [group.id, group]))
  for (const [groupId, group] of state.groupsWritten) {
    if (group?.queueId === id && group.kind !== 'discarded') groups.set(groupId, group)
    else groups.delete(groupId)
  }
  const { id: _id, ...fields } = own
  return { id, ...fields, groups: [...groups.values()].sort((a, b) => a.id - b.id) }
}

export const baseQueue = (state: OverlayState, id: number): QueueRecord | undefined => {
  const base = state.queueBase.get(id)
  if (base) return base.record
  const known = state.known.byId(id)
  if (known && adopt(state, known)) return known.record
  state.needs.queueIds.add(id)
  return state.miss()
}

/** A queue as this node knows it, to be verified before anything comes of it. */
const adopt = (state: OverlayState, { record, version }: KnownQueue): boolean => {
  const base = state.queueBase.get(record.id)
  if (base) return base.record?.id === record.id && base.version === version
  state.queueBase.set(record.id, { record, version })
  state.needs.unverified.add(record.id)
  return true
}

export const queues = (
  state: OverlayState,
  query: { account: string; prefix?: string; after?: string; limit: number },
): QueueRecord[] => {
  const { account, prefix = '', after, limit } = query
  const need: RangeNeed = { of: 'queues', account, prefix, after, limit }
  const matches = (queue: StoredQueue) =>
    queue.account === account &&
    queue.name.startsWith(prefix) &&
    (after === undefined || codePointOrder(queue.name, after) > 0)
  return queueRange(state, need, matches, (a, b) => codePointOrder(a.name, b.name))
}

export const allQueues = (
  state: OverlayState,
  { afterId, limit }: { afterId: number; limit: number },
): QueueRecord[] => {
  const need: RangeNeed = { of: 'all-queues', afterId, limit }
  return queueRange(
    state,
    need,
    (queue) => queue.id > afterId,
    (a, b) => a.id - b.id,
  )
}

const queueRange = (
  state: OverlayState,
  need: RangeNeed & { of: 'queues' | 'all-queues' },
  matches: (queue: StoredQueue) => boolean,
  compare: (a: StoredQueue, b: StoredQueue) => number,
): QueueRecord[] => {
  const range = state.range<number>(need)
  const rows = new Rows<number, StoredQueue>()
  for (const id of range.keys) rows.load(id, state.queueBase.get(id)?.record, 0)
  for (const [id, queue] of state.queuesWritten) {
    if (queue) rows.put(id, queue)
    else rows.remove(id)
  }
  return state
    .within(need, rangeOf(rows, range, { limit: need.limit, matches, compare }))
    .map(({ id }) => queueById(state, id) as QueueRecord)
}

export const groupById = (state: OverlayState, id: number): GroupRecord | undefined => {
  const written = state.groupsWritten.get(id)
  if (written !== undefined || state.groupsWritten.has(id)) return written
  const loaded = state.groupBase.get(id)
  if (loaded !== undefined || state.groupBase.has(id)) return loaded
  const queueId = state.known.queueOfGroup(id)
  const group =
    queueId !== undefined && (state.queueBase.has(queueId) || state.known.byId(queueId))
      ? baseQueue(state, queueId)?.groups.find((candidate) => candidate.id === id)
      : undefined
  if (group) return group
  state.needs.groups.add(id)
  return state.miss()
}

/** Undefined: there is no such group, so nothing that belongs to it either. */
export const queueOfGroup = (state: OverlayState, id: number): number | undefined => {
  return state.known.queueOfGroup(id) ?? groupById(state, id)?.queueId
}
