import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import { same } from './compare.ts'
import { groupRecord, queueRecord } from './records.ts'
import type { Topic } from './topic.ts'

/** In the order of their code points, which is neither that of UTF-16 units nor that of any language. */
export const namesInOrder = [
  '%',
  'A',
  'B',
  '_',
  'a',
  'a%b',
  'a_b',
  'ab',
  'b',
  'e\u0301',
  'z',
  '\u00e9',
  '\ue000',
  '\uffee',
  '\u{10000}',
  '\u{1f600}',
  '\u{1f600}b',
  '\u{10ffff}',
]

const shuffled = [...namesInOrder].map((_, i) => namesInOrder[(i * 7) % namesInOrder.length] as string)

const putNamed = (transaction: Transaction): void => {
  shuffled.forEach((name, i) => {
    transaction.putQueue(queueRecord({ id: i + 1, name }))
    transaction.putQueue(queueRecord({ id: i + 101, account: 'other', name }))
  })
}

const names = (found: readonly { name: string }[]): string[] => found.map(({ name }) => name)

export const queuePaging: Topic = {
  name: 'lists of queues',
  checks: {
    'queues come by the code points of their names, of one account': async ({ write, read }) => {
      await write(putNamed)
      const list = await read((transaction) => transaction.queues({ account: 'acme', limit: 1_000 }))
      assert.deepEqual(names(list), namesInOrder)
      assert.ok(list.every(({ account }) => account === 'acme'))
    },

    'pages join without a gap or an overlap, whatever their size': async ({ write, read }) => {
      await write(putNamed)
      for (const limit of [1, 2, 5, namesInOrder.length]) {
        const seen = await read((transaction) => {
          const found: string[] = []
          for (let page = names(transaction.queues({ account: 'acme', limit })); page.length > 0; ) {
            found.push(...page)
            page = names(transaction.queues({ account: 'acme', after: page.at(-1) ?? '', limit }))
          }
          return found
        })
        assert.deepEqual(seen, namesInOrder)
      }
    },

    'a prefix is taken to the letter': async ({ write, read }) => {
      await write(putNamed)
      const withPrefix = (prefix: string) =>
        read((transaction) => names(transaction.queues({ account: 'acme', prefix, limit: 1_000 })))
      for (const prefix of ['', 'a', 'a_', 'a%', '%', '_', 'A', '\u{1f600}', '\u{10ffff}', '\uffee', 'e', 'none']) {
        assert.deepEqual(
          await withPrefix(prefix),
          namesInOrder.filter((name) => name.startsWith(prefix)),
        )
      }
    },

    '`after` may lie before, within and beyond the prefix, and need not be the name of a queue': async ({
      write,
      read,
    }) => {
      await write(putNamed)
      const page = (after: string) =>
        read((transaction) => names(transaction.queues({ account: 'acme', prefix: 'a', after, limit: 3 })))
      assert.deepEqual(await page('A'), ['a', 'a%b', 'a_b'])
      assert.deepEqual(await page('a'), ['a%b', 'a_b', 'ab'])
      assert.deepEqual(await page('a&'), ['a_b', 'ab'])
      assert.deepEqual(await page('ab'), [])
      assert.deepEqual(await page('b'), [])
    },

    'lists hold the groups, and see what the transaction wrote': async ({ write }) => {
      await write(putNamed)
      const group = groupRecord({ id: 5, queueId: 500 })
      await write((transaction) => {
        transaction.putQueue(queueRecord({ id: 500, name: 'aa' }))
        transaction.putGroup(group)
        const removed = transaction.queue('acme', 'a%b')
        transaction.removeQueue(removed?.id ?? 0)
        const page = transaction.queues({ account: 'acme', prefix: 'a', limit: 4 })
        assert.deepEqual(names(page), ['a', 'a_b', 'aa', 'ab'])
        same(page[2]?.groups, [group])
        same(transaction.allQueues({ afterId: 499, limit: 10 }), [
          { ...queueRecord({ id: 500, name: 'aa' }), groups: [group] },
        ])
      })
    },

    "all accounts' queues come by their ids": async ({ write, read }) => {
      const ids = [2 ** 40, 3, 12, 1, 100, 2 ** 32]
      await write((transaction) => {
        for (const id of ids) transaction.putQueue(queueRecord({ id, account: `account ${id}` }))
        transaction.putGroup(groupRecord({ id: 4, queueId: 12 }))
      })
      const page = (afterId: number, limit: number) =>
        read((transaction) => transaction.allQueues({ afterId, limit }).map(({ id }) => id))
      assert.deepEqual(await page(0, 3), [1, 3, 12])
      assert.deepEqual(await page(12, 10), [100, 2 ** 32, 2 ** 40])
      assert.deepEqual(await page(2 ** 40, 10), [])
      const [, , twelfth] = await read((transaction) => transaction.allQueues({ afterId: 0, limit: 3 }))
      assert.deepEqual(
        twelfth?.groups.map(({ id }) => id),
        [4],
      )
    },
  },
}
