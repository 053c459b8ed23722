import assert from 'node:assert/strict'
import type { Prefetch, Transaction } from '../../core/store.ts'
import { positions, same } from './compare.ts'
import { deduplicationRecord, groupRecord, orders, ordersGroup, putItem, putQueues, queueRecord } from './records.ts'
import type { Topic } from './topic.ts'

const all: readonly Prefetch[] = [
  { read: 'queue', account: 'acme', name: 'orders' },
  { read: 'queue', account: 'acme', name: 'new' },
  { read: 'ready', groupId: ordersGroup, limit: 3 },
  { read: 'item', groupId: ordersGroup, position: 1 },
  { read: 'item', groupId: ordersGroup, position: 9 },
  { read: 'deduplication', groupId: ordersGroup, key: 'k' },
]

const putWorld = (transaction: Transaction): void => {
  putQueues(transaction)
  for (const position of [1, 2, 3, 4, 5]) putItem(transaction, { position })
}

export const prefetches: Topic = {
  name: 'prefetches',
  checks: {
    'a unit sees what units before it wrote, though it was asked for beforehand': async ({ store, write }) => {
      await write(putWorld)
      let seen: unknown[] = []
      await store.transact([
        {
          prefetch: all,
          run(transaction) {
            for (const { delivery } of transaction.ready(ordersGroup, 3)) {
              transaction.updateDelivery(delivery, { ...delivery, state: 'leased' })
            }
            putItem(transaction, { position: 9, urgency: -1 })
            transaction.putQueue(queueRecord({ id: 5, name: 'new' }))
            transaction.putQueue(queueRecord({ id: orders, name: 'orders', explicit: false }))
            transaction.putGroup(groupRecord({ id: 77, queueId: orders, kind: 'consumer', name: 'second' }))
            transaction.putDeduplication(deduplicationRecord({ key: 'k', serial: 7 }))
          },
        },
        {
          prefetch: all,
          run(transaction) {
            seen = [
              positions(transaction.ready(ordersGroup, 3)),
              transaction.item(ordersGroup, 1)?.delivery.state,
              transaction.item(ordersGroup, 9)?.delivery.urgency,
              transaction.queue('acme', 'new')?.id,
              transaction.queue('acme', 'orders')?.explicit,
              transaction.queue('acme', 'orders')?.groups.map(({ id }) => id),
              transaction.deduplication(ordersGroup, 'k')?.serial,
            ]
          },
        },
      ])
      assert.deepEqual(seen, [[9, 4, 5], 'leased', -1, 5, false, [ordersGroup, 77], 7])
    },

    'a prefetch is not a limit: a unit may read more, and other things': async ({ store, write, read }) => {
      await write(putWorld)
      let seen: number[][] = []
      await store.transact([
        {
          prefetch: [{ read: 'ready', groupId: ordersGroup, limit: 1 }],
          run(transaction) {
            seen = [
              positions(transaction.ready(ordersGroup, 1)),
              positions(transaction.ready(ordersGroup, 4)),
              positions(transaction.scan(ordersGroup, { newestFirst: true, limit: 2 })),
            ]
          },
        },
      ])
      assert.deepEqual(seen, [[1], [1, 2, 3, 4], [5, 4]])
      same(await read((transaction) => transaction.item(ordersGroup, 9)), undefined)
    },

    'what is prefetched need be neither there nor read': async ({ store, read }) => {
      let seen: unknown
      await store.transact([
        { prefetch: all, run: () => undefined },
        {
          prefetch: all,
          run(transaction) {
            seen = [transaction.queue('acme', 'orders'), transaction.ready(ordersGroup, 3)]
          },
        },
      ])
      assert.deepEqual(seen, [undefined, []])
      assert.equal(await read((transaction) => transaction.deduplication(ordersGroup, 'k')), undefined)
    },

    'nothing that was prefetched outlives its transaction': async ({ store, write }) => {
      await write(putWorld)
      let seen: number[] = []
      const unit = {
        prefetch: all,
        run(transaction: Transaction) {
          seen = positions(transaction.ready(ordersGroup, 3))
        },
      }
      await store.transact([unit])
      assert.deepEqual(seen, [1, 2, 3])
      await write((transaction) => {
        const first = transaction.item(ordersGroup, 1) ?? assert.fail('no item')
        transaction.removeDelivery(first.delivery)
      })
      await store.transact([unit])
      assert.deepEqual(seen, [2, 3, 4])
    },
  },
}
