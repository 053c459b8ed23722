import assert from 'node:assert/strict'
import { noCounts } from '../../core/queue.ts'
import { same } from './compare.ts'
import { groupRecord, invoicesGroup, orders, ordersGroup, putQueues } from './records.ts'
import type { Topic } from './topic.ts'

export const counts: Topic = {
  name: 'counts',
  checks: {
    'a group begins with nothing': async ({ write, read }) => {
      await write(putQueues)
      same(await read((transaction) => transaction.counts(ordersGroup)), noCounts())
    },

    'differences add up within a unit, over units and over transactions': async ({ write, read }) => {
      await write(putQueues)
      await write(
        (transaction) => {
          transaction.addCounts(ordersGroup, { ready: 3, delayed: 1 })
          same(transaction.counts(ordersGroup), { ...noCounts(), ready: 3, delayed: 1 })
          transaction.addCounts(ordersGroup, { ready: -1, leased: 1 })
          same(transaction.counts(ordersGroup), { ...noCounts(), ready: 2, delayed: 1, leased: 1 })
        },
        (transaction) => {
          same(transaction.counts(ordersGroup), { ...noCounts(), ready: 2, delayed: 1, leased: 1 })
          transaction.addCounts(ordersGroup, { leased: -1, done: 1 })
        },
      )
      await write((transaction) => transaction.addCounts(ordersGroup, { ready: 40, delayed: -1 }))
      same(await read((transaction) => transaction.counts(ordersGroup)), { ...noCounts(), ready: 42, done: 1 })
    },

    'every count is kept apart': async ({ write, read }) => {
      const all = { ...noCounts() }
      Object.keys(all).forEach((name, i) => {
        all[name as keyof typeof all] = 2 ** 33 + i
      })
      await write(putQueues, (transaction) => transaction.addCounts(ordersGroup, all))
      same(await read((transaction) => transaction.counts(ordersGroup)), all)
    },

    'groups do not share counts, nor do queues': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        transaction.putGroup(groupRecord({ id: 99, queueId: orders, kind: 'consumer', name: 'second' }))
        transaction.addCounts(ordersGroup, { ready: 1 })
        transaction.addCounts(99, { ready: 10 })
        transaction.addCounts(invoicesGroup, { ready: 100 })
      })
      await read((transaction) => {
        same(transaction.counts(ordersGroup), { ...noCounts(), ready: 1 })
        same(transaction.counts(99), { ...noCounts(), ready: 10 })
        same(transaction.counts(invoicesGroup), { ...noCounts(), ready: 100 })
      })
    },

    'an empty difference changes nothing, and one that undoes another leaves nothing': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        transaction.addCounts(ordersGroup, {})
        transaction.addCounts(ordersGroup, { ready: 5 })
        transaction.addCounts(ordersGroup, { ready: -5 })
      })
      same(await read((transaction) => transaction.counts(ordersGroup)), noCounts())
    },

    'putGroup leaves the counts alone, removeGroup takes them along': async ({ write, read }) => {
      await write(putQueues, (transaction) => transaction.addCounts(ordersGroup, { ready: 5 }))
      await write((transaction) =>
        transaction.putGroup(groupRecord({ id: ordersGroup, queueId: orders, kind: 'discarded' })),
      )
      same(await read((transaction) => transaction.counts(ordersGroup)), { ...noCounts(), ready: 5 })
      await write((transaction) => {
        transaction.removeGroup(ordersGroup)
        same(transaction.counts(ordersGroup), noCounts())
      })
      same(await read((transaction) => transaction.counts(ordersGroup)), noCounts())
    },

    'days are counted apart, and forgotten from the oldest on': async ({ write, read }) => {
      const none = { processed: 0, errored: 0, filtered: 0 }
      await write(putQueues, (transaction) => {
        same(transaction.countsOfDay(ordersGroup, 7), none)
        transaction.addCountsOfDay(ordersGroup, 7, { processed: 2 })
        transaction.addCountsOfDay(ordersGroup, 7, { processed: 1, errored: 1 })
        transaction.addCountsOfDay(ordersGroup, 8, { filtered: 4 })
        transaction.addCountsOfDay(invoicesGroup, 7, { processed: 100 })
        same(transaction.countsOfDay(ordersGroup, 7), { processed: 3, errored: 1, filtered: 0 })
      })
      await write((transaction) => transaction.addCountsOfDay(ordersGroup, 7, { processed: 1 }))
      await read((transaction) => {
        same(transaction.countsOfDay(ordersGroup, 7), { processed: 4, errored: 1, filtered: 0 })
        same(transaction.countsOfDay(ordersGroup, 8), { processed: 0, errored: 0, filtered: 4 })
        same(transaction.countsOfDay(invoicesGroup, 7), { ...none, processed: 100 })
      })
      await write((transaction) => {
        assert.equal(transaction.removeCountsOfDays(8, 1), 1)
        assert.equal(transaction.removeCountsOfDays(8, 9), 1)
        assert.equal(transaction.removeCountsOfDays(8, 9), 0)
        same(transaction.countsOfDay(ordersGroup, 7), none)
        same(transaction.countsOfDay(ordersGroup, 8), { ...none, filtered: 4 })
        transaction.removeGroup(ordersGroup)
      })
      same(await read((transaction) => transaction.countsOfDay(ordersGroup, 8)), none)
    },

    'what was read stays as it was read': async ({ write }) => {
      await write(putQueues, (transaction) => {
        const before = transaction.counts(ordersGroup)
        transaction.addCounts(ordersGroup, { ready: 1 })
        same(before, noCounts())
        before.ready = 1_000
        same(transaction.counts(ordersGroup), { ...noCounts(), ready: 1 })
      })
    },
  },
}
