import assert from 'node:assert/strict'
import { positions, same } from './compare.ts'
import { deliveryAt, invoicesGroup, ordersGroup, putItem, putQueues, start } from './records.ts'
import type { Topic } from './topic.ts'

export const claimsAndDue: Topic = {
  name: 'claimed and due',
  checks: {
    'a claim gives all its deliveries by position': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        for (const position of [300, 2, 45, 1_000, 7]) putItem(transaction, { position, claimId: 'c', rank: -position })
        putItem(transaction, { position: 3, claimId: 'C' })
        putItem(transaction, { position: 4, claimId: null })
        putItem(transaction, { position: 5, claimId: 'c ' })
      })
      assert.deepEqual(positions(await read((transaction) => transaction.claimed('c'))), [2, 7, 45, 300, 1_000])
      assert.deepEqual(positions(await read((transaction) => transaction.claimed('C'))), [3])
      assert.deepEqual(await read((transaction) => transaction.claimed('')), [])
      assert.deepEqual(await read((transaction) => transaction.claimed('null')), [])
    },

    'claims follow what the transaction wrote': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        for (const position of [1, 2, 3]) putItem(transaction, { position, claimId: 'c', state: 'leased' })
        putItem(transaction, { position: 4 })
      })
      await write((transaction) => {
        const [first, second] = transaction.claimed('c')
        if (!first || !second) assert.fail('no claim')
        transaction.updateDelivery(first.delivery, { ...first.delivery, claimId: 'd' })
        transaction.removeDelivery(second.delivery)
        const fourth = deliveryAt(transaction, 4)
        transaction.updateDelivery(fourth, { ...fourth, claimId: 'c' })
        assert.deepEqual(positions(transaction.claimed('c')), [3, 4])
        assert.deepEqual(positions(transaction.claimed('d')), [1])
        same(transaction.claimed('d')[0], transaction.item(ordersGroup, 1))
      })
      assert.deepEqual(positions(await read((transaction) => transaction.claimed('c'))), [3, 4])
    },

    'due gives what is due by then, earliest first, from all groups and in all states': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        putItem(transaction, { position: 1, dueAt: start + 30, state: 'leased' })
        putItem(transaction, { position: 2, dueAt: start + 10, state: 'ready' })
        putItem(transaction, { position: 3, dueAt: null })
        putItem(transaction, { position: 4, dueAt: start + 40, state: 'delayed' })
        putItem(transaction, { groupId: invoicesGroup, position: 5, dueAt: start + 20, state: 'finished', type: 'P' })
        putItem(transaction, { groupId: invoicesGroup, position: 6, dueAt: 0, state: 'behind' })
      })
      const due = (now: number, limit: number) => read((transaction) => positions(transaction.due(now, limit)))
      assert.deepEqual(await due(start + 29, 100), [6, 2, 5])
      assert.deepEqual(await due(start + 30, 100), [6, 2, 5, 1])
      assert.deepEqual(await due(start + 1_000, 100), [6, 2, 5, 1, 4])
      assert.deepEqual(await due(start + 1_000, 2), [6, 2])
      assert.deepEqual(await due(-1, 100), [])
      const item = await read((transaction) => transaction.item(invoicesGroup, 5))
      same(await read((transaction) => transaction.due(start + 25, 100)[2]), item)
    },

    'of many that are due at once each comes once': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        for (let position = 1; position <= 30; position++) putItem(transaction, { position, dueAt: start })
      })
      const seen: number[] = []
      for (;;) {
        const found = await read((transaction) => {
          const items = transaction.due(start, 7)
          for (const { delivery } of items) transaction.updateDelivery(delivery, { ...delivery, dueAt: null })
          return items
        })
        if (found.length === 0) break
        seen.push(...positions(found))
      }
      assert.deepEqual(
        seen.sort((a, b) => a - b),
        Array.from({ length: 30 }, (_, i) => i + 1),
      )
    },

    'due follows what the transaction wrote': async ({ write }) => {
      await write(putQueues, (transaction) => {
        for (const position of [1, 2, 3]) putItem(transaction, { position, dueAt: start + position })
      })
      await write((transaction) => {
        const [first, second] = transaction.due(start + 3, 2)
        if (!first || !second) assert.fail('nothing due')
        transaction.updateDelivery(first.delivery, { ...first.delivery, dueAt: start + 99 })
        transaction.removeDelivery(second.delivery)
        putItem(transaction, { position: 4, dueAt: start })
        assert.deepEqual(positions(transaction.due(start + 3, 100)), [4, 3])
      })
      await write((transaction) => assert.deepEqual(positions(transaction.due(start + 99, 100)), [4, 3, 1]))
    },
  },
}
