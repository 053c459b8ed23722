import type { Transaction } from '../../core/store.ts'
import { positions, same } from './compare.ts'
import { hostileText } from './extremes.ts'
import { deduplicationRecord, deliveryAt, itemRecord, orders, ordersGroup, putQueues, stepsRecord } from './records.ts'
import type { Subject, Topic } from './topic.ts'

const keyOf = (number: number): string => `${hostileText} ${number}`
const groupOf = keyOf
const documentOf = (number: number): string => `${number}\u0000${hostileText}`

/** What is stored of one message, at the first, second or third writing. Every second one of what may be left out is. */
const recordsOf = (number: number, at: number) => {
  const maybe = <Value>(value: Value) => ((number + at) % 2 === 0 ? value : null)
  const place = { position: number, messageGroup: groupOf(number) }
  const change = {
    dueAt: maybe(at),
    claimId: maybe(`${hostileText} ${at}`),
    receiveCount: at,
    rank: at - 2 ** 48,
    detail: maybe({ receiveLimit: at }),
  }
  return {
    item: itemRecord({ ...place, ...change }, { expiresAt: maybe(at) }),
    deduplication: deduplicationRecord({
      key: keyOf(number),
      serial: number,
      count: at,
      digest: maybe(`${hostileText} ${at}`),
    }),
    steps: stepsRecord({ serial: number, omitted: at }),
    document: { collection: 'c', key: documentOf(number), value: { at, text: hostileText }, expiresAt: maybe(at) },
  }
}

const look = (transaction: Transaction, number: number) => ({
  item: transaction.item(ordersGroup, number),
  deduplication: transaction.deduplication(ordersGroup, keyOf(number)),
  steps: transaction.steps(orders, number),
  document: transaction.document('c', documentOf(number)),
})

const putBeside = (
  transaction: Transaction,
  { deduplication, steps, document }: ReturnType<typeof recordsOf>,
): void => {
  transaction.putDeduplication(deduplication)
  transaction.putSteps(steps)
  transaction.putDocument(document)
}

/** So many messages, each seen to by a unit of its own in one transaction with the others. */
const inOneTransaction = (count: number) => async (subject: Subject) => {
  const each = async <Value>(run: (transaction: Transaction, number: number) => Value): Promise<Value[]> => {
    const results: Value[] = []
    const units = Array.from({ length: count }, (_, i) => (transaction: Transaction) => {
      results[i] = run(transaction, i + 1)
    })
    await subject.write(...units)
    return results
  }
  const all = (at: number) => Array.from({ length: count }, (_, i) => recordsOf(i + 1, at))
  await subject.write(putQueues)

  const before = await each((transaction, number) => {
    const seen = look(transaction, number)
    const records = recordsOf(number, 1)
    transaction.insertMessage(records.item.message)
    transaction.insertDelivery(records.item.delivery)
    putBeside(transaction, records)
    return seen
  })
  same(before, Array(count).fill({}))
  same(await each(look), all(1))
  const groups = await each((transaction, number) =>
    positions(transaction.messageGroup(ordersGroup, groupOf(number), 5)),
  )
  same(
    groups,
    all(1).map(({ item }) => [item.delivery.position]),
  )

  const read = await each((transaction, number) => {
    const seen = look(transaction, number)
    const records = recordsOf(number, 2)
    transaction.updateDelivery(deliveryAt(transaction, number), records.item.delivery)
    transaction.moveMessage(number, orders, number, records.item.message.expiresAt)
    putBeside(transaction, records)
    return seen
  })
  same(read, all(1))
  same(await each(look), all(2))

  // Without having looked at what is there.
  await each((transaction, number) => putBeside(transaction, recordsOf(number, 3)))
  same(
    await each(look),
    all(3).map((records, i) => ({ ...records, item: all(2)[i]?.item })),
  )

  await each((transaction, number) => {
    look(transaction, number)
    transaction.removeDelivery(deliveryAt(transaction, number))
    transaction.removeMessage(number)
    transaction.removeDeduplication(ordersGroup, keyOf(number))
    transaction.removeSteps(orders, number)
    transaction.removeDocument('c', documentOf(number))
  })
  same(await each(look), Array(count).fill({}))
}

export const severalAtOnce: Topic = {
  name: 'rows that are written together',
  checks: {
    'one of each is stored, changed and removed': inOneTransaction(1),
    'several of each are stored, changed and removed as one is': inOneTransaction(3),
  },
}
