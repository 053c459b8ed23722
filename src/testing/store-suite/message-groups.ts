import assert from 'node:assert/strict'
import { positions, same } from './compare.ts'
import { invoicesGroup, ordersGroup, putItem, putQueues } from './records.ts'
import type { Topic } from './topic.ts'

export const messageGroups: Topic = {
  name: 'messageGroup',
  checks: {
    'gives what is not finished, in any other state, by position whatever the rank': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        putItem(transaction, { position: 9, messageGroup: 'g', state: 'behind', rank: 1 })
        putItem(transaction, { position: 3, messageGroup: 'g', state: 'finished', type: 'P', rank: 2 })
        putItem(transaction, { position: 5, messageGroup: 'g', state: 'leased', rank: 8 })
        putItem(transaction, { position: 10, messageGroup: 'g', state: 'delayed', type: 'D', rank: 3 })
        putItem(transaction, { position: 4, messageGroup: 'g', state: 'ready', rank: 9, urgency: 5 })
      })
      const found = (limit: number) => read((transaction) => transaction.messageGroup(ordersGroup, 'g', limit))
      assert.deepEqual(positions(await found(100)), [4, 5, 9, 10])
      assert.deepEqual(positions(await found(1)), [4])
      assert.deepEqual(positions(await found(3)), [4, 5, 9])
    },

    'holds one message group of one consumer group': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        putItem(transaction, { position: 1, messageGroup: 'g' })
        putItem(transaction, { position: 2, messageGroup: 'G' })
        putItem(transaction, { position: 3, messageGroup: 'g ' })
        putItem(transaction, { position: 4, messageGroup: '' })
        putItem(transaction, { position: 5, messageGroup: null })
        putItem(transaction, { groupId: invoicesGroup, position: 6, messageGroup: 'g' })
      })
      await read((transaction) => {
        assert.deepEqual(positions(transaction.messageGroup(ordersGroup, 'g', 9)), [1])
        assert.deepEqual(positions(transaction.messageGroup(ordersGroup, '', 9)), [4])
        assert.deepEqual(positions(transaction.messageGroup(invoicesGroup, 'g', 9)), [6])
        assert.deepEqual(positions(transaction.messageGroup(ordersGroup, 'null', 9)), [])
      })
    },

    'sees what the transaction wrote': async ({ write }) => {
      await write(putQueues, (transaction) => {
        for (const position of [1, 2, 3]) putItem(transaction, { position, messageGroup: 'g' })
      })
      await write(
        (transaction) => {
          const [first] = transaction.messageGroup(ordersGroup, 'g', 1)
          const delivery = first?.delivery ?? assert.fail('no delivery')
          transaction.updateDelivery(delivery, { ...delivery, state: 'finished', type: 'P' })
          assert.deepEqual(positions(transaction.messageGroup(ordersGroup, 'g', 1)), [2])
          putItem(transaction, { position: 4, messageGroup: 'g', state: 'behind' })
        },
        (transaction) => {
          const second = transaction.item(ordersGroup, 2) ?? assert.fail('no delivery')
          transaction.removeDelivery(second.delivery)
          assert.deepEqual(positions(transaction.messageGroup(ordersGroup, 'g', 9)), [3, 4])
          same(transaction.messageGroup(ordersGroup, 'g', 1)[0], transaction.item(ordersGroup, 3))
        },
      )
    },
  },
}
