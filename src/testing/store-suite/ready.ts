import assert from 'node:assert/strict'
import type { DeliveryState } from '../../core/delivery.ts'
import { positions, same } from './compare.ts'
import { deliveryAt, invoicesGroup, ordersGroup, putItem, putQueues } from './records.ts'
import type { Topic } from './topic.ts'

export const ready: Topic = {
  name: 'ready',
  checks: {
    'comes by urgency first and rank second, both signed numbers': async ({ write, read }) => {
      const order = [
        [-(2 ** 31), 5],
        [-1, -(2 ** 47)],
        [-1, 3],
        [0, -10],
        [0, -9],
        [0, 0],
        [0, 9],
        [0, 10],
        [0, 2 ** 48 - 1],
        [2, 1],
        [10, 0],
        [2 ** 31, -5],
      ] as const
      // Positions in another order, so that they cannot help.
      const expected = order.map((_, i) => ((i * 5) % order.length) + 1)
      await write(putQueues, (transaction) => {
        for (const i of [7, 2, 11, 0, 5, 9, 4, 10, 1, 8, 3, 6]) {
          const [urgency, rank] = order[i] as (typeof order)[number]
          putItem(transaction, { position: expected[i] ?? 0, urgency, rank })
        }
        assert.deepEqual(positions(transaction.ready(ordersGroup, 100)), expected)
      })
      for (const limit of [1, 4, 12, 100]) {
        const found = await read((transaction) => transaction.ready(ordersGroup, limit))
        assert.deepEqual(positions(found), expected.slice(0, limit))
      }
    },

    'holds the deliveries of one group, and only the ready ones': async ({ write, read }) => {
      const states: DeliveryState[] = ['behind', 'ready', 'delayed', 'leased', 'finished', 'ready']
      await write(putQueues, (transaction) => {
        states.forEach((state, i) => {
          putItem(transaction, { position: i + 1, state })
          putItem(transaction, { groupId: invoicesGroup, position: i + 101, state: 'ready' })
        })
      })
      assert.deepEqual(positions(await read((transaction) => transaction.ready(ordersGroup, 100))), [2, 6])
      assert.deepEqual(await read((transaction) => transaction.ready(999, 100)), [])
    },

    'gives whole items': async ({ write, read }) => {
      const items = await read((transaction) => {
        putQueues(transaction)
        return [1, 2, 3].map((position) => putItem(transaction, { position, messageGroup: `g${position}` }))
      })
      same(await read((transaction) => transaction.ready(ordersGroup, 100)), items)
      await write((transaction) => same(transaction.ready(ordersGroup, 2), items.slice(0, 2)))
    },

    'fills its limit from behind what the transaction took away': async ({ write }) => {
      await write(putQueues, (transaction) => {
        for (let position = 1; position <= 10; position++) putItem(transaction, { position })
      })
      await write(
        (transaction) => {
          const taken = transaction.ready(ordersGroup, 3)
          assert.deepEqual(positions(taken), [1, 2, 3])
          for (const { delivery } of taken) transaction.updateDelivery(delivery, { ...delivery, state: 'leased' })
          assert.deepEqual(positions(transaction.ready(ordersGroup, 3)), [4, 5, 6])
        },
        (transaction) => {
          const taken = transaction.ready(ordersGroup, 2)
          assert.deepEqual(positions(taken), [4, 5])
          for (const { delivery } of taken) transaction.removeDelivery(delivery)
          assert.deepEqual(positions(transaction.ready(ordersGroup, 100)), [6, 7, 8, 9, 10])
        },
      )
    },

    'puts what the transaction wrote in its place between what was there': async ({ write }) => {
      await write(putQueues, (transaction) => {
        for (const position of [10, 20, 30]) putItem(transaction, { position })
        putItem(transaction, { position: 25, state: 'delayed' })
      })
      await write((transaction) => {
        assert.deepEqual(positions(transaction.ready(ordersGroup, 100)), [10, 20, 30])
        putItem(transaction, { position: 15 })
        putItem(transaction, { position: 40, urgency: -1 })
        const delayed = deliveryAt(transaction, 25)
        transaction.updateDelivery(delayed, { ...delayed, state: 'ready' })
        const moved = deliveryAt(transaction, 10)
        transaction.updateDelivery(moved, { ...moved, urgency: 1 })
        assert.deepEqual(positions(transaction.ready(ordersGroup, 100)), [40, 15, 20, 25, 30, 10])
        assert.deepEqual(positions(transaction.ready(ordersGroup, 3)), [40, 15, 20])
      })
      await write((transaction) =>
        assert.deepEqual(positions(transaction.ready(ordersGroup, 100)), [40, 15, 20, 25, 30, 10]),
      )
    },
  },
}
