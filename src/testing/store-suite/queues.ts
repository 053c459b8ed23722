import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import { same } from './compare.ts'
import { groupRecord, queueRecord, settingsWith } from './records.ts'
import type { Topic } from './topic.ts'

export const queues: Topic = {
  name: 'queues and their groups',
  checks: {
    'a queue is found by its account and name, and by its id, with its groups': async ({ write, read }) => {
      const queue = queueRecord({ id: 7, account: 'acme', name: 'orders' })
      const group = groupRecord({ id: 3, queueId: 7 })
      await write((transaction) => {
        transaction.putQueue(queue)
        same(transaction.queue('acme', 'orders'), { ...queue, groups: [] })
        transaction.putGroup(group)
        same(transaction.queue('acme', 'orders'), { ...queue, groups: [group] })
      })
      same(await read((transaction) => transaction.queue('acme', 'orders')), { ...queue, groups: [group] })
      same(await read((transaction) => transaction.queueById(7)), { ...queue, groups: [group] })
    },

    'what is not there is undefined': async ({ write, read }) => {
      await write((transaction) => transaction.putQueue(queueRecord({ id: 7, account: 'acme', name: 'orders' })))
      await read((transaction) => {
        assert.equal(transaction.queue('acme', 'order'), undefined)
        assert.equal(transaction.queue('acme', 'ORDERS'), undefined)
        assert.equal(transaction.queue('acme', 'orders '), undefined)
        assert.equal(transaction.queue('other', 'orders'), undefined)
        assert.equal(transaction.queueById(8), undefined)
      })
    },

    'accounts may use the same names': async ({ write, read }) => {
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 1, account: 'a', name: 'orders' }))
        transaction.putQueue(queueRecord({ id: 2, account: 'b', name: 'orders' }))
      })
      assert.equal((await read((transaction) => transaction.queue('a', 'orders')))?.id, 1)
      assert.equal((await read((transaction) => transaction.queue('b', 'orders')))?.id, 2)
    },

    'putQueue replaces the whole record, its name too, and leaves the groups alone': async ({ write, read }) => {
      const group = groupRecord({ id: 3, queueId: 7 })
      const settings = settingsWith({ paused: true, metadata: { team: 'b' }, receiveLimit: 5 })
      const after = queueRecord({ id: 7, name: 'new', explicit: true, settings, modifiedAt: 2_000 })
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 7, name: 'old', explicit: false }))
        transaction.putGroup(group)
      })
      await write((transaction) => {
        assert.equal(transaction.queue('acme', 'old')?.id, 7)
        transaction.putQueue(after)
        same(transaction.queue('acme', 'new'), { ...after, groups: [group] })
        assert.equal(transaction.queue('acme', 'old'), undefined)
      })
      await read((transaction) => {
        same(transaction.queueById(7), { ...after, groups: [group] })
        same(transaction.queue('acme', 'new'), { ...after, groups: [group] })
        assert.equal(transaction.queue('acme', 'old'), undefined)
      })
    },

    'putGroup replaces the whole record': async ({ write, read }) => {
      const after = groupRecord({
        id: 3,
        queueId: 7,
        kind: 'dead-letters',
        name: 'spent',
        deadLettersOf: 4,
        backfillFrom: 10,
        backfillTo: 20,
        backfilled: 5,
        tagRule: { tags: ['a', 'ü'], match: 'all' },
        door: { rule: 'a' },
      })
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 7 }))
        transaction.putGroup(groupRecord({ id: 3, queueId: 7, kind: 'consumer', name: 'readers' }))
      })
      await write((transaction) => transaction.putGroup(after))
      same((await read((transaction) => transaction.queueById(7)))?.groups, [after])
      same(await read((transaction) => transaction.group(3)), after)
      assert.equal(await read((transaction) => transaction.group(4)), undefined)
    },

    'groups come in ascending order of their ids': async ({ write, read }) => {
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 7 }))
        for (const id of [30, 4, 200, 1]) {
          transaction.putGroup(groupRecord({ id, queueId: 7, kind: 'consumer', name: `group ${id}` }))
        }
      })
      const groups = (await read((transaction) => transaction.queueById(7)))?.groups ?? []
      assert.deepEqual(
        groups.map(({ id }) => id),
        [1, 4, 30, 200],
      )
    },

    'a discarded group is not among those of its queue, and may outlive it': async ({ write, read }) => {
      const kept = groupRecord({ id: 4, queueId: 7, kind: 'consumer', name: 'kept' })
      const discarded = groupRecord({ id: 3, queueId: 7, kind: 'discarded' })
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 7 }))
        transaction.putGroup(groupRecord({ id: 3, queueId: 7 }))
        transaction.putGroup(kept)
      })
      await write((transaction) => {
        transaction.putGroup(discarded)
        same(transaction.queueById(7)?.groups, [kept])
        same(transaction.group(3), discarded)
      })
      same((await read((transaction) => transaction.queueById(7)))?.groups, [kept])
      same(await read((transaction) => transaction.group(3)), discarded)
      await write((transaction) => {
        transaction.removeGroup(4)
        transaction.removeQueue(7)
        same(transaction.group(3), discarded)
      })
      assert.equal(await read((transaction) => transaction.queueById(7)), undefined)
      same(await read((transaction) => transaction.group(3)), discarded)
      await write((transaction) => transaction.removeGroup(3))
      assert.equal(await read((transaction) => transaction.group(3)), undefined)
    },

    'a removed group leaves its queue, a removed queue is gone by every way': async ({ write, read }) => {
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 7, name: 'orders' }))
        transaction.putGroup(groupRecord({ id: 3, queueId: 7 }))
        transaction.putGroup(groupRecord({ id: 4, queueId: 7, kind: 'consumer', name: 'more' }))
      })
      await write((transaction) => {
        transaction.removeGroup(3)
        assert.equal(transaction.group(3), undefined)
        assert.deepEqual(
          transaction.queueById(7)?.groups.map(({ id }) => id),
          [4],
        )
      })
      await write((transaction) => {
        transaction.removeGroup(4)
        transaction.removeQueue(7)
        assert.equal(transaction.queue('acme', 'orders'), undefined)
      })
      await read((transaction) => {
        assert.equal(transaction.queue('acme', 'orders'), undefined)
        assert.equal(transaction.queueById(7), undefined)
        same(transaction.queues({ account: 'acme', limit: 10 }), [])
        same(transaction.allQueues({ afterId: 0, limit: 10 }), [])
      })
    },

    'a name can be used again after its queue was removed or renamed': async ({ write, read }) => {
      await write((transaction) => transaction.putQueue(queueRecord({ id: 1, name: 'orders' })))
      await write((transaction) => {
        transaction.removeQueue(1)
        transaction.putQueue(queueRecord({ id: 2, name: 'orders' }))
        assert.equal(transaction.queue('acme', 'orders')?.id, 2)
      })
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 2, name: 'gone' }))
        transaction.putQueue(queueRecord({ id: 3, name: 'orders' }))
      })
      assert.equal((await read((transaction) => transaction.queue('acme', 'orders')))?.id, 3)
      assert.equal((await read((transaction) => transaction.queue('acme', 'gone')))?.id, 2)
    },

    'queues may take each other’s names': async ({ write, read }) => {
      const name = (id: number, name: string) => (transaction: Transaction) =>
        transaction.putQueue(queueRecord({ id, name }))
      await write(name(1, 'orders'), name(2, 'invoices'))
      await write(name(1, 'between'), name(2, 'orders'), name(1, 'invoices'))
      assert.equal((await read((transaction) => transaction.queue('acme', 'orders')))?.id, 2)
      assert.equal((await read((transaction) => transaction.queue('acme', 'invoices')))?.id, 1)
      assert.equal(await read((transaction) => transaction.queue('acme', 'between')), undefined)
    },

    'of a group that another unit removes after that, everything can be read': async ({ write, read }) => {
      const reads: ((transaction: Transaction) => unknown)[] = [
        (transaction) => transaction.ready(3, 1),
        (transaction) => transaction.scan(3, { limit: 1 }),
        (transaction) => transaction.search(3, { limit: 1, examine: 1 }).items,
        (transaction) => transaction.messageGroup(3, 'g', 1),
        (transaction) => transaction.item(3, 1) ?? [],
        (transaction) => transaction.deduplication(3, 'k') ?? [],
        (transaction) => Object.values(transaction.counts(3)).filter((count) => count > 0),
        (transaction) => Object.values(transaction.countsOfDay(3, 1)).filter((count) => count > 0),
      ]
      for (const look of reads) {
        const seen: unknown[] = []
        const put = (transaction: Transaction) => {
          transaction.putQueue(queueRecord({ id: 7 }))
          transaction.putGroup(groupRecord({ id: 3, queueId: 7 }))
          seen[0] = look(transaction)
        }
        const remove = (transaction: Transaction) => {
          transaction.removeGroup(3)
          transaction.removeQueue(7)
        }
        await write(put, remove)
        same(seen, [[]])
        assert.equal(await read((transaction) => transaction.group(3)), undefined)
      }
    },
  },
}
