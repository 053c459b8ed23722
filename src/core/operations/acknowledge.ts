import { requireGroup } from '../addressed.ts'
import type { Delivery, Item } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import { type LeaseName, parseReceiptHandle } from '../ids.ts'
import type { GroupRecord } from '../queue.ts'
import type { Acknowledge, Acknowledged } from '../requests.ts'
import type { Step } from '../step.ts'
import { end } from './ending.ts'
import { isExpired } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { endLease } from './settle.ts'

/** Settles batches in order; see `Acknowledge`. */
export const acknowledge = (step: Step, request: Acknowledge): Acknowledged => {
  const { entries } = request
  if (entries.length < 1 || entries.length > step.limits.maxBatch) {
    throw new Refusal('ArgumentInvalid', {
      argument: 'entries',
      reason: `must be 1 to ${step.limits.maxBatch}, not ${entries.length}`,
    })
  }
  const queue = step.requireQueue(request)
  const group = requireGroup(queue, request, 'receive')
  const names = entries.map(({ receiptHandle }) => leaseNamed(step, request, group, receiptHandle))
  if (!group) throw new Refusal('LeaseLost', { receiptHandle: entries[0]?.receiptHandle ?? '' })
  step.tx.expect?.(names.map(({ position }) => ({ read: 'item', groupId: group.id, position })))
  const leased = names.map((name, index): Placed => {
    const item = step.tx.item(group.id, name.position)
    const placed = item && { ...item, queue, group }
    const isRepeated = names.findIndex(({ position }) => position === name.position) < index
    if (!placed || isRepeated || !isHeld(step, placed.delivery, name) || isExpired(placed, step.now)) {
      throw new Refusal('LeaseLost', { receiptHandle: entries[index]?.receiptHandle ?? '' })
    }
    return placed
  })

  let succeeded = 0
  const failed: Placed[] = []
  for (const [index, placed] of leased.entries()) {
    if (failed.length === 0 && entries[index]?.ok && isNext(step, placed)) {
      step.countToday(group, 'P')
      end(step, placed, 'deleted')
      succeeded++
    } else failed.push(placed)
  }
  for (const item of releasable(step, failed)) endLease(step, { ...item, queue, group }, { reason: 'receive limit' })
  return { succeeded, failed: failed.length }
}

/** The lease that a handle names, if it is one of the group at all. */
const leaseNamed = (
  step: Step,
  { deadLetters = false }: Acknowledge,
  group: GroupRecord | undefined,
  receiptHandle: string,
): LeaseName => {
  const name = parseReceiptHandle(receiptHandle)
  if (!name) throw new Refusal('ReceiptHandleInvalid', { receiptHandle })
  if (name.groupId === group?.id) return name
  const other = step.tx.group(name.groupId)
  if (!other || other.kind === 'discarded') throw new Refusal('LeaseLost', { receiptHandle })
  const isSibling = deadLetters
    ? group === undefined || group.deadLettersOf === other.id
    : other.deadLettersOf === group?.id
  const of = !isSibling ? 'another-group' : deadLetters ? 'live-messages' : 'dead-letters'
  throw new Refusal('ReceiptHandleInvalid', { receiptHandle, of })
}

const isHeld = (step: Step, { nonce, state, visibleAt }: Delivery, name: LeaseName): boolean =>
  nonce === name.nonce && state === 'leased' && visibleAt > step.now

/** Whether everything before it in its batch has been acknowledged. */
const isNext = (step: Step, { delivery }: Placed): boolean => {
  const [first] = batchOf(step, delivery)
  return first === undefined || first.delivery.position >= delivery.position
}

/** What is still held of the batch that a message was received in, in its order. */
const batchOf = (step: Step, { claimId }: Delivery): Item[] =>
  claimId === null
    ? []
    : step.tx
        .claimed(claimId)
        .filter(({ delivery: { state, visibleAt } }) => state === 'leased' && visibleAt > step.now)

/** What failed, and what comes after it in the same batches, in the order of the queue. */
const releasable = (step: Step, failed: readonly Placed[]): Item[] => {
  const found = new Map<number, Item>()
  for (const placed of failed) {
    const { position } = placed.delivery
    found.set(position, placed)
    for (const item of batchOf(step, placed.delivery)) {
      if (item.delivery.position > position) found.set(item.delivery.position, item)
    }
  }
  return [...found.values()].sort((one, other) => one.delivery.position - other.delivery.position)
}
