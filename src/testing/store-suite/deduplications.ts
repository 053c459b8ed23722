import assert from 'node:assert/strict'
import { same, sameSet } from './compare.ts'
import { deduplicationRecord, invoicesGroup, ordersGroup, putQueues, start } from './records.ts'
import type { Topic } from './topic.ts'

export const deduplications: Topic = {
  name: 'deduplication ids',
  checks: {
    'an entry is found by its group and key, and can be replaced and removed': async ({ write, read }) => {
      const first = deduplicationRecord({ key: 'k' })
      const second = deduplicationRecord({
        key: 'k',
        serial: 9,
        count: 1_000,
        sentAt: start + 1,
        position: 8,
        expiresAt: start + 7,
        digest: 'sha-256 of it',
      })
      await write(putQueues, (transaction) => {
        assert.equal(transaction.deduplication(ordersGroup, 'k'), undefined)
        transaction.putDeduplication(first)
        same(transaction.deduplication(ordersGroup, 'k'), first)
      })
      await write((transaction) => {
        transaction.putDeduplication(second)
        same(transaction.deduplication(ordersGroup, 'k'), second)
      })
      same(await read((transaction) => transaction.deduplication(ordersGroup, 'k')), second)
      await write((transaction) => {
        transaction.removeDeduplication(ordersGroup, 'k')
        assert.equal(transaction.deduplication(ordersGroup, 'k'), undefined)
      })
      assert.equal(await read((transaction) => transaction.deduplication(ordersGroup, 'k')), undefined)
    },

    'keys are compared to the letter, within their group': async ({ write, read }) => {
      const keys = ['k', 'K', ' k', 'k ', '', '1', '01', 'e\u0301', '\u00e9']
      const entries = keys.map((key, i) => deduplicationRecord({ key, serial: i + 1 }))
      const other = deduplicationRecord({ groupId: invoicesGroup, key: 'k', serial: 100 })
      await write(putQueues, (transaction) => {
        for (const entry of [...entries, other]) transaction.putDeduplication(entry)
      })
      await read((transaction) => {
        for (const entry of entries) same(transaction.deduplication(ordersGroup, entry.key), entry)
        same(transaction.deduplication(invoicesGroup, 'k'), other)
        assert.equal(transaction.deduplication(invoicesGroup, 'K'), undefined)
      })
      await write((transaction) => transaction.removeDeduplication(ordersGroup, 'k'))
      same(await read((transaction) => transaction.deduplication(invoicesGroup, 'k')), other)
    },

    'an entry stays until it is removed; the expired are listed from the moment on': async ({ write, read }) => {
      const entries = [1, 2, 3, 4, 5].map((i) =>
        deduplicationRecord({ groupId: i % 2 ? ordersGroup : invoicesGroup, key: `k${i}`, expiresAt: start + i }),
      )
      await write(putQueues, (transaction) => {
        for (const entry of entries) transaction.putDeduplication(entry)
      })
      await read((transaction) => {
        sameSet(transaction.expiredDeduplications(start, 100), [])
        sameSet(transaction.expiredDeduplications(start + 1, 100), entries.slice(0, 1))
        sameSet(transaction.expiredDeduplications(start + 3, 100), entries.slice(0, 3))
        assert.equal(transaction.expiredDeduplications(start + 9, 2).length, 2)
        same(transaction.deduplication(ordersGroup, 'k1'), entries[0])
      })
      await write((transaction) => {
        transaction.removeDeduplication(ordersGroup, 'k1')
        transaction.putDeduplication({ ...(entries[1] ?? assert.fail()), expiresAt: start + 50 })
        transaction.putDeduplication(deduplicationRecord({ key: 'new', expiresAt: start }))
        const keys = transaction.expiredDeduplications(start + 4, 100).map(({ key }) => key)
        assert.deepEqual(keys.sort(), ['k3', 'k4', 'new'])
      })
      const keys = await read((transaction) => transaction.expiredDeduplications(start + 50, 100))
      assert.deepEqual(keys.map(({ key }) => key).sort(), ['k2', 'k3', 'k4', 'k5', 'new'])
    },

    'all entries of a group go in slices': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        for (let i = 1; i <= 25; i++) transaction.putDeduplication(deduplicationRecord({ key: `k${i}`, serial: i }))
        transaction.putDeduplication(deduplicationRecord({ groupId: invoicesGroup, key: 'k1' }))
      })
      const removed: number[] = []
      await write((transaction) => {
        removed[0] = transaction.removeDeduplications(ordersGroup, 10)
        transaction.putDeduplication(deduplicationRecord({ key: 'written meanwhile' }))
        removed[1] = transaction.removeDeduplications(ordersGroup, 10)
      })
      removed[2] = await read((transaction) => transaction.removeDeduplications(ordersGroup, 10))
      removed[3] = await read((transaction) => transaction.removeDeduplications(ordersGroup, 10))
      assert.deepEqual(removed, [10, 10, 6, 0])
      await read((transaction) => {
        assert.equal(transaction.deduplication(ordersGroup, 'k1'), undefined)
        assert.equal(transaction.deduplication(ordersGroup, 'written meanwhile'), undefined)
        assert.equal(transaction.deduplication(invoicesGroup, 'k1')?.key, 'k1')
      })
    },
  },
}
