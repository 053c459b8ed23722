import assert from 'node:assert/strict'
import type { Unit } from '../../core/store.ts'
import { positions } from './compare.ts'
import { deduplicationRecord, ordersGroup, putItem, putQueues } from './records.ts'
import type { Subject, Topic } from './topic.ts'

/** As many calls of `transact` at once as the store allows, up to eight, until `total` are done. */
const atOnce = async ({ store }: Subject, total: number, unit: (index: number) => Unit) => {
  let next = 0
  const work = async () => {
    for (let index = next++; index < total; index = next++) await store.transact([unit(index)])
  }
  const lanes = Math.max(1, Math.min(8, store.concurrentTransactions))
  await Promise.all(Array.from({ length: lanes }, work))
}

export const concurrency: Topic = {
  name: 'transactions at once',
  checks: {
    'none overwrites what another wrote after it read': async (subject) => {
      await subject.write(putQueues, (transaction) => {
        putItem(transaction, { position: 1 })
        transaction.putDocument({ collection: 'c', key: 'k', value: 0, expiresAt: null })
      })
      await atOnce(subject, 60, () => ({
        run(transaction) {
          const delivery = transaction.item(ordersGroup, 1)?.delivery ?? assert.fail('no delivery')
          transaction.updateDelivery(delivery, { ...delivery, receiveCount: delivery.receiveCount + 1 })
          const value = Number(transaction.document('c', 'k')?.value)
          transaction.putDocument({ collection: 'c', key: 'k', value: value + 1, expiresAt: null })
          transaction.addCounts(ordersGroup, { done: 1 })
        },
      }))
      await subject.read((transaction) => {
        assert.equal(transaction.item(ordersGroup, 1)?.delivery.receiveCount, 60)
        assert.equal(transaction.document('c', 'k')?.value, 60)
        assert.equal(transaction.counts(ordersGroup).done, 60)
      })
    },

    'those that only read see one moment, whatever others commit meanwhile': async (subject) => {
      await subject.write(putQueues, (transaction) =>
        transaction.putDocument({ collection: 'c', key: 'k', value: 0, expiresAt: null }),
      )
      await atOnce(subject, 200, (index) =>
        index % 2 === 0
          ? {
              run(transaction) {
                const value = Number(transaction.document('c', 'k')?.value) + 1
                transaction.putDocument({ collection: 'c', key: 'k', value, expiresAt: null })
                transaction.addCounts(ordersGroup, { done: 1 })
                const group = transaction.group(ordersGroup) ?? assert.fail('no group')
                transaction.putGroup({ ...group, backfilled: value })
              },
            }
          : {
              onlyReads: true,
              run(transaction) {
                const value = transaction.document('c', 'k')?.value
                const done = transaction.counts(ordersGroup).done
                assert.deepEqual([done, transaction.group(ordersGroup)?.backfilled], [value, value])
              },
            },
      )
    },

    'units that say that they only read may write nevertheless': async (subject) => {
      await subject.write(putQueues, (transaction) => putItem(transaction, { position: 1 }))
      await subject.store.transact([
        {
          onlyReads: true,
          run(transaction) {
            const delivery = transaction.item(ordersGroup, 1)?.delivery ?? assert.fail('no delivery')
            transaction.updateDelivery(delivery, { ...delivery, receiveCount: 7 })
          },
        },
      ])
      assert.equal((await subject.read((transaction) => transaction.item(ordersGroup, 1)))?.delivery.receiveCount, 7)
    },

    'each ready delivery is taken by one of them': async (subject) => {
      const total = 200
      await subject.write(putQueues, (transaction) => {
        for (let position = 1; position <= total; position++) putItem(transaction, { position })
      })
      const taken: number[][] = []
      await atOnce(subject, 80, (index) => ({
        prefetch: [{ read: 'ready', groupId: ordersGroup, limit: 5 }],
        run(transaction) {
          const items = transaction.ready(ordersGroup, 5)
          for (const { delivery } of items) transaction.updateDelivery(delivery, { ...delivery, state: 'leased' })
          taken[index] = positions(items)
        },
      }))
      assert.deepEqual(
        taken.flat().sort((a, b) => a - b),
        Array.from({ length: total }, (_, i) => i + 1),
      )
    },

    'a deduplication id goes to the first of them': async (subject) => {
      await subject.write(putQueues)
      const winners: boolean[] = []
      await atOnce(subject, 40, (index) => ({
        prefetch: [{ read: 'deduplication', groupId: ordersGroup, key: `k${index % 4}` }],
        run(transaction) {
          const key = `k${index % 4}`
          winners[index] = transaction.deduplication(ordersGroup, key) === undefined
          if (winners[index]) transaction.putDeduplication(deduplicationRecord({ key, serial: index + 1 }))
        },
      }))
      assert.equal(winners.filter(Boolean).length, 4)
    },

    'a document that none of them finds is written by the first': async (subject) => {
      const winners: boolean[] = []
      await atOnce(subject, 40, (index) => ({
        run(transaction) {
          const key = `k${index % 4}`
          winners[index] = transaction.document('c', key) === undefined
          if (winners[index]) transaction.putDocument({ collection: 'c', key, value: index, expiresAt: null })
        },
      }))
      assert.equal(winners.filter(Boolean).length, 4)
    },

    'one that writes a document again as it was, and one that removes it, come one after the other': async (
      subject,
    ) => {
      const documents = ['owner', 'owned'].map((collection) => ({ collection, value: 0, expiresAt: null }))
      await subject.write((transaction) => {
        for (let i = 0; i < 40; i++)
          transaction.putDocument({ collection: 'owner', key: `${i}`, value: 0, expiresAt: null })
      })
      await atOnce(subject, 80, (index) => ({
        run(transaction) {
          const key = `${Math.floor(index / 2)}`
          const owner = transaction.document('owner', key)
          if (!owner) return
          for (const document of documents) {
            if (index % 2 === 0) transaction.putDocument({ ...document, key })
            else transaction.removeDocument(document.collection, key)
          }
        },
      }))
      await subject.read((transaction) =>
        assert.deepEqual(transaction.documents({ collection: 'owned', limit: 40 }), []),
      )
    },

    'numbers are given once': async (subject) => {
      const given: number[] = []
      await atOnce(subject, 60, (index) => ({
        run(transaction) {
          given[index] = transaction.takeNumbers(10)
          transaction.putDocument({ collection: 'c', key: `${index}`, value: given[index], expiresAt: null })
        },
      }))
      const rising = given.sort((a, b) => a - b)
      rising.forEach((first, i) => {
        assert.ok(i === 0 || first >= (rising[i - 1] ?? 0) + 10, `numbers around ${first} were given twice`)
      })
    },
  },
}
