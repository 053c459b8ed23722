import type { Delivery, Item } from '../delivery.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { refersOnly } from '../queue.ts'
import { queueKey } from '../queue-keys.ts'
import type { Step } from '../step.ts'
import type { Prefetch, StoredDocument } from '../store.ts'
import type { DiscardedGroup, SliceResult, Work } from './background.ts'
import { addWork, pendingWork, removeWork, replaceWork } from './background.ts'
import { addToHistory, historyOf, watchOverSubscribers } from './ending.ts'
import { indexPublicId, publicIdOf } from './public-id.ts'
import { forgetPushTargets, removePushTarget } from './push-targets.ts'

/** What remains known of a queue that was deleted, so that its messages' history can still say where they were. */
export const removedQueues = 'removed-queue'

export interface RemovedQueue {
  readonly account: string
  readonly name: string
  readonly publicId: string
}

/**
 * Takes every group from its queue at once; what they hold is removed in slices afterwards. The queue's record goes too, unless it
 * gets new groups (`purge`).
 */
export const discardGroups = (step: Step, queue: QueueRecord, options: { keepQueue?: boolean } = {}): void => {
  // Groups that only refer to messages go first and the owner goes last, so that no reference outlives its message.
  discard(
    step,
    queue,
    [...queue.groups].sort((a, b) => turn(a) - turn(b)),
  )
  step.tx.removeRetentionMark(queue.id)
  if (options.keepQueue) return
  forgetPushTargets(step, queue)
  step.tx.removeQueue(queue.id)
  indexPublicId(step, queue, queue.settings.publicId, null)
  step.tx.putDocument({
    collection: removedQueues,
    key: String(queue.id),
    value: { account: queue.account, name: queue.name, publicId: publicIdOf(queue) } satisfies RemovedQueue,
    expiresAt: step.now + step.limits.historyMs,
  })
}

/** One consumer group goes, with its dead letters; its queue and the messages stay. */
export const discardGroup = (step: Step, queue: QueueRecord, group: GroupRecord): void => {
  if (group.subscription?.push) removePushTarget(step, queue, group.name)
  const dead = queue.groups.filter((candidate) => candidate.deadLettersOf === group.id)
  discard(step, queue, [group, ...dead])
}

const discard = (step: Step, queue: QueueRecord, groups: readonly GroupRecord[]): void => {
  const earlier = takeEarlier(step, queue)
  for (const group of groups) {
    step.writes++
    step.tx.putGroup({ ...group, kind: 'discarded' })
  }
  const discarded = groups.map(
    (group): DiscardedGroup => ({
      groupId: group.id,
      queueId: queue.id,
      ownsMessages: ownsMessages(group),
      heldBy: heldBy(queue, group),
      leftTo: subscribersBeside(queue, group),
      history: queue.settings.history,
      addsToHistory: group.kind === 'subscriber',
    }),
  )
  addWork(step, { kind: 'discard', groups: [...earlier, ...discarded] })
  step.after.queueChanged(queueKey(queue.account, queue.name))
}

/**
 * What was discarded of the queue before and is not gone yet: it goes first, since it may refer to messages that end with what is
 * discarded now.
 */
const takeEarlier = (step: Step, queue: QueueRecord): DiscardedGroup[] => {
  const earlier: DiscardedGroup[] = []
  for (const document of pendingWork(step)) {
    const work = document.value as Work
    if (work.kind !== 'discard' || work.groups[0]?.queueId !== queue.id) continue
    earlier.push(...work.groups.map((group) => ({ ...group, heldBy: holdersBesides(step, group) })))
    removeWork(step, document)
  }
  return earlier
}

const ownsMessages = (group: GroupRecord): boolean => !refersOnly(group)

const turn = (group: GroupRecord): number =>
  ({ consumer: 0, 'dead-letters': 1, subscriber: 1, discarded: 1, default: 2, retained: 2 })[group.kind]

/** The other groups with which the messages of dead letters and subscribers go on; those of the owner end with it. */
const heldBy = (queue: QueueRecord, group: GroupRecord): number[] =>
  group.kind === 'dead-letters' || group.kind === 'subscriber'
    ? holdersIn(queue, group.kind === 'subscriber').filter((id) => id !== group.id)
    : []

/** A message ends with its owner and its dead letters, whoever has subscribed; what a subscriber has of it, with the last of them all. */
const holdersIn = (queue: QueueRecord, ofSubscriber: boolean): number[] =>
  queue.groups
    .filter((group) => ownsMessages(group) && (ofSubscriber || group.kind !== 'subscriber'))
    .map(({ id }) => id)

const subscribersBeside = (queue: QueueRecord, group: GroupRecord): number[] =>
  group.kind === 'dead-letters' ? queue.groups.filter(({ kind }) => kind === 'subscriber').map(({ id }) => id) : []

export const discardSlice = (
  step: Step,
  document: StoredDocument,
  work: Work & { kind: 'discard' },
  sliceSize: number,
): SliceResult => {
  const [first, ...rest] = work.groups
  if (!first) {
    removeWork(step, document)
    return { done: true }
  }
  const deliveries = step.tx.firstDeliveries(first.groupId, sliceSize)
  const ending = first.ownsMessages ? endingWith(step, first, deliveries) : []
  step.writes += deliveries.length
  for (const delivery of deliveries) step.tx.removeDelivery(delivery)
  if (first.addsToHistory) expectHistory(step, first, ending)
  for (const item of ending) {
    if (isLeft(step, first, item)) watchOver(step, first, item)
    else step.tx.removeMessage(item.message.serial)
    rememberEnd(step, first, item)
  }
  if (deliveries.length === sliceSize) return { done: false }
  if (step.tx.removeDeduplications(first.groupId, sliceSize) === sliceSize) return { done: false }
  step.writes++
  step.tx.removeGroup(first.groupId)
  replaceWork(step, document, { kind: 'discard', groups: rest })
  return { done: false }
}

/** To subscribers, who have it for themselves still. */
const isLeft = (step: Step, { leftTo = [] }: DiscardedGroup, { delivery }: Item): boolean =>
  leftTo.some((groupId) => step.tx.item(groupId, delivery.position))

const watchOver = (step: Step, { queueId, leftTo = [] }: DiscardedGroup, { message }: Item): void => {
  const queue = step.tx.queueById(queueId)
  const subscribers = queue?.groups.filter(({ id }) => leftTo.includes(id)) ?? []
  if (queue) watchOverSubscribers(step, queue, message, subscribers)
}

const expectHistory = (step: Step, { queueId, history }: DiscardedGroup, ending: readonly Item[]): void => {
  if (history !== 'steps') return
  const added = ending.filter(({ message }) => step.tx.steps(queueId, message.serial))
  step.tx.expect?.(added.map(({ message }) => ({ read: 'history', serial: message.serial })))
}

const rememberEnd = (step: Step, { queueId, history, addsToHistory }: DiscardedGroup, item: Item): void => {
  const keepsSteps = history === 'steps'
  if (!addsToHistory && history !== 'none')
    step.tx.putHistory(historyOf(step, item, queueId, 'purged', null, keepsSteps))
  else if (addsToHistory && keepsSteps) addToHistory(step, queueId, item.message)
}

/** Those of them that nobody else keeps alive. A message may be gone already, or have gone to another queue. */
const endingWith = (step: Step, discarded: DiscardedGroup, deliveries: readonly Delivery[]): Item[] => {
  const holders = holdersBesides(step, discarded)
  const { queueId, history, leftTo = [] } = discarded
  const reads = deliveries.flatMap(({ serial, position }): Prefetch[] => [
    { read: 'message', serial },
    ...(history === 'steps' ? [{ read: 'steps', queueId, serial } as const] : []),
    ...[...holders, ...leftTo].map((groupId) => ({ read: 'item', groupId, position }) as const),
  ])
  if (reads.length > 0) step.tx.expect?.(reads)
  return deliveries.flatMap((delivery): Item[] => {
    const message = step.tx.message(delivery.serial)
    const isItsOwn = message?.queueId === queueId && message.position === delivery.position
    if (!isItsOwn || holders.some((groupId) => step.tx.item(groupId, delivery.position))) return []
    return [{ delivery, message }]
  })
}

/** Those that were there when it was discarded, and dead letters that came since. */
const holdersBesides = (step: Step, { queueId, heldBy, addsToHistory = false }: DiscardedGroup): readonly number[] => {
  if (heldBy.length === 0) return heldBy
  const queue = step.tx.queueById(queueId)
  return [...new Set([...heldBy, ...(queue ? holdersIn(queue, addsToHistory) : [])])]
}
