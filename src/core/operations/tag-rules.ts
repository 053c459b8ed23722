/** Consumer groups that are given only what bears certain tags. */
import type { Item } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import type { Message } from '../message.ts'
import type { Counts, GroupRecord, QueueRecord, TagRule, WaitingCounts } from '../queue.ts'
import { noCounts, total } from '../queue.ts'
import { queueKey } from '../queue-keys.ts'
import type { Step } from '../step.ts'
import { counterOf } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { addWork, pendingWork, removeWork, replaceWork } from './background.ts'

interface Grouped extends Item {
  readonly group: GroupRecord
}

const maxTags = 20
const maxTagLength = 128

export const checkTags = (argument: string, tags: readonly string[] | undefined, least = 0): void => {
  if (tags === undefined) return
  const fits = (tag: string) => tag.length > 0 && tag.length <= maxTagLength && tag.isWellFormed() && !tag.includes(',')
  if (tags.length >= least && tags.length <= maxTags && tags.every(fits)) return
  throw new Refusal('ArgumentInvalid', {
    argument,
    reason: `must be ${least} to ${maxTags} texts of 1 to ${maxTagLength} characters without commas`,
  })
}

export const checkTagRule = (rule: TagRule | null | undefined): void => {
  if (rule) checkTags('tagRule', rule.tags, 1)
}

/** Whether a group is given a message at all. */
export const admits = ({ tagRule }: Pick<GroupRecord, 'tagRule'>, { extra }: Pick<Message, 'extra'>): boolean => {
  if (!tagRule) return true
  const tags = extra?.tags ?? []
  const { tags: wanted, match } = tagRule
  return match === 'all' ? wanted.every((tag) => tags.includes(tag)) : wanted.some((tag) => tags.includes(tag))
}

/** The order of the tags is of no consequence, nor how often one stands there. */
export const isSameRule = (one: TagRule | null, other: TagRule | null): boolean => {
  if (!one || !other) return one === other
  const first = new Set(one.tags)
  const second = new Set(other.tags)
  const isOneTag = first.size === 1
  return (isOneTag || one.match === other.match) && first.size === second.size && first.isSubsetOf(second)
}

/** The group with the rule that a receive names, which is fixed by the first one that does. */
export const withTagRule = (
  step: Step,
  queue: QueueRecord,
  group: GroupRecord,
  rule: TagRule | null | undefined,
): GroupRecord => {
  if (rule === undefined || group.kind !== 'consumer' || isSameRule(group.tagRule, rule)) return group
  if (rule === null || group.tagRule) throw new Refusal('TagRuleFixed', { queue: queue.name, group: group.name })
  checkTagRule(rule)
  const ruled: GroupRecord = { ...group, tagRule: rule }
  step.writes++
  step.tx.putGroup(ruled)
  if (total(step.tx.counts(group.id)) > 0) dropEarlier(step, queue, ruled)
  return ruled
}

/** What the group was given before it had a rule: some at once, so that few look as if they had never been there; the rest in slices. */
const dropEarlier = (step: Step, queue: QueueRecord, group: GroupRecord): void => {
  const [last] = step.tx.scan(group.id, { limit: 1, newestFirst: true })
  const before = { ...step.tx.counts(group.id) }
  const { cursor, looked } = dropSlice(step, queue, group, 0, atOnce)
  if (!last || cursor === undefined || cursor >= last.delivery.position) return
  const lastPosition = last.delivery.position
  const unchecked = less(before, looked)
  addWork(step, { kind: 'tag-rule', queueId: queue.id, groupId: group.id, cursor, lastPosition, unchecked })
}

const less = (counts: WaitingCounts, fewer: WaitingCounts): WaitingCounts => ({
  ready: Math.max(0, counts.ready - fewer.ready),
  behind: Math.max(0, counts.behind - fewer.behind),
  delayed: Math.max(0, counts.delayed - fewer.delayed),
  reprocessing: Math.max(0, counts.reprocessing - fewer.reprocessing),
})

/** Counts as they are shown: while a new rule is being applied, without what has not been looked at yet. Rather too few than too many. */
export const shownCounts = (step: Step, group: GroupRecord): Counts => {
  const counts = { ...step.tx.counts(group.id) }
  if (!group.tagRule) return counts
  const works = pendingWork(step).map(({ value }) => value as Work)
  const work = works.find((each) => each.kind === 'tag-rule' && each.groupId === group.id)
  return work?.kind === 'tag-rule' && work.unchecked ? { ...counts, ...less(counts, work.unchecked) } : counts
}

const atOnce = 500

interface Slice {
  /** Where the next slice begins; undefined when there is none. */
  readonly cursor: number | undefined
  /** What was looked at, whether it stayed or not. */
  readonly looked: WaitingCounts
}

/** What is leased stays with its holder. */
const dropSlice = (step: Step, queue: QueueRecord, group: GroupRecord, after: number, limit: number): Slice => {
  const items = step.tx.scan(group.id, { after, limit })
  const looked = noCounts()
  for (const item of items) {
    looked[counterOf(item.delivery)]++
    dropIfExcluded(step, { ...item, queue, group })
  }
  return { cursor: items.length < limit ? undefined : items.at(-1)?.delivery.position, looked }
}

/** Takes from a group what its rule keeps out, as if it had never been there. What is leased or finished stays. */
export const dropIfExcluded = (step: Step, placed: Grouped & { readonly queue: QueueRecord }): boolean => {
  const { queue, group, delivery } = placed
  if (delivery.state === 'leased' || delivery.state === 'finished' || !isExcluded(placed)) return false
  step.removeDelivery(queue, group, delivery)
  return true
}

export const isExcluded = ({ group, message }: Grouped): boolean => group.kind === 'consumer' && !admits(group, message)

export const tagRuleSlice = (
  step: Step,
  document: StoredDocument,
  work: Work & { kind: 'tag-rule' },
  sliceSize: number,
): SliceResult => {
  const queue = step.tx.queueById(work.queueId)
  const group = queue?.groups.find((candidate) => candidate.id === work.groupId)
  const { cursor, looked } = queue && group ? dropSlice(step, queue, group, work.cursor, sliceSize) : noSlice
  // What stood behind others is in front now; whoever waits for it was not told.
  if (queue) step.after.queueChanged(queueKey(queue.account, queue.name))
  if (cursor === undefined || cursor >= work.lastPosition) {
    removeWork(step, document)
    return { done: true }
  }
  const { unchecked } = work
  replaceWork(step, document, { ...work, cursor, ...(unchecked && { unchecked: less(unchecked, looked) }) })
  return { done: false }
}

const noSlice: Slice = { cursor: undefined, looked: noCounts() }
