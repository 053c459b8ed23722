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
  const seen = new Set<number>()
  const leased = names.map((name, index): Placed => {
    const item = step.tx.item(group.id, name.position)
    const placed = item && { ...item, queue, group }
    const isRepeated = seen.has(name.position)
    seen.add(name.position)
    if (!placed || isRepeated || !isHeld(step, placed.delivery, name) || isExpired(placed, step.now)) {
      throw new Refusal('LeaseLost', { receiptHandle: entries[index]?.receiptHandle ?? '' })
    }
    return placed
  })
  const batches = batchesOf(step, leased)

  let succeeded = 0
  for (const [index, placed] of leased.entries()) {
    const batch = batches.get(batchIdOf(placed))
    if (!entries[index]?.ok || !batch || batch[0]?.delivery.position !== placed.delivery.position) break
    step.countToday(group, 'P')
    end(step, placed, 'deleted')
    batch.shift()
    succeeded++
  }
  const failed = leased.slice(succeeded)
  for (const item of releasable(batches, failed)) endLease(step, { ...item, queue, group }, { reason: 'receive limit' })
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

/** What is held of each batch, in its order. */
const batchesOf = (step: Step, leased: readonly Placed[]): Map<string, Item[]> => {
  const batches = new Map<string, Item[]>()
  for (const placed of leased) {
    const id = batchIdOf(placed)
    if (!batches.has(id)) batches.set(id, heldOf(step, placed))
  }
  return batches
}

/** What was received by itself is a batch of its own. */
const batchIdOf = ({ delivery: { claimId, position } }: Item): string => claimId ?? `${position}`

const heldOf = (step: Step, item: Item): Item[] => {
  const { claimId } = item.delivery
  if (claimId === null) return [item]
  return step.tx
    .claimed(claimId)
    .filter(({ delivery: { state, visibleAt } }) => state === 'leased' && visibleAt > step.now)
}

/** What failed, and what comes after it in the same batches, in the order of the queue. */
const releasable = (batches: ReadonlyMap<string, readonly Item[]>, failed: readonly Placed[]): Item[] => {
  const from = new Map<string, number>()
  for (const placed of failed) {
    const id = batchIdOf(placed)
    from.set(id, Math.min(from.get(id) ?? placed.delivery.position, placed.delivery.position))
  }
  const found = [...from].flatMap(([id, first]) =>
    (batches.get(id) ?? []).filter(({ delivery }) => delivery.position >= first),
  )
  return found.sort((one, other) => one.delivery.position - other.delivery.position)
}
