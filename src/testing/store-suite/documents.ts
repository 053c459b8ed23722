import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import { same, sameSet } from './compare.ts'
import { namesInOrder } from './queue-paging.ts'
import { start } from './records.ts'
import type { Topic } from './topic.ts'

const putKeys = (transaction: Transaction): void => {
  namesInOrder.toReversed().forEach((key, i) => {
    transaction.putDocument({ collection: 'things', key, value: { i }, expiresAt: null })
    transaction.putDocument({ collection: 'thing', key, value: 'another collection', expiresAt: null })
  })
}

const keys = (documents: readonly { key: string }[]): string[] => documents.map(({ key }) => key)

export const documents: Topic = {
  name: 'documents',
  checks: {
    'a document is found by its collection and key, and can be replaced and removed': async ({ write, read }) => {
      const first = { collection: 'accounts', key: 'acme', value: { id: 1 }, expiresAt: null }
      const second = { collection: 'accounts', key: 'acme', value: ['other'], expiresAt: start }
      await write((transaction) => {
        assert.equal(transaction.document('accounts', 'acme'), undefined)
        transaction.putDocument(first)
        same(transaction.document('accounts', 'acme'), first)
      })
      await write((transaction) => {
        transaction.putDocument(second)
        same(transaction.document('accounts', 'acme'), second)
        transaction.putDocument({ ...first, collection: 'keys' })
      })
      same(await read((transaction) => transaction.document('accounts', 'acme')), second)
      await write((transaction) => {
        transaction.removeDocument('accounts', 'acme')
        assert.equal(transaction.document('accounts', 'acme'), undefined)
      })
      assert.equal(await read((transaction) => transaction.document('accounts', 'acme')), undefined)
      assert.equal((await read((transaction) => transaction.document('keys', 'acme')))?.collection, 'keys')
    },

    'collection and key cannot be mixed up': async ({ write, read }) => {
      const pairs = [
        ['a', 'b/c'],
        ['a/b', 'c'],
        ['a', 'b:c'],
        ['a:b', 'c'],
        ['ab', 'c'],
        ['a', 'bc'],
        ['', 'abc'],
        ['abc', ''],
      ] as const
      await write((transaction) =>
        pairs.forEach(([collection, key], value) => {
          transaction.putDocument({ collection, key, value, expiresAt: null })
        }),
      )
      await read((transaction) =>
        pairs.forEach(([collection, key], value) => {
          assert.equal(transaction.document(collection, key)?.value, value)
        }),
      )
    },

    'a key may hold any character, and one that was never put is looked for without harm': async ({ write, read }) => {
      const inOrder = ['a', 'a\u0000', 'a\u0000\u0001', 'a\u0000b', 'a\u0001', 'a\u0001\u0001', 'a\u0001\u0002', 'ab']
      await write((transaction) =>
        inOrder.forEach((key, value) => {
          transaction.putDocument({ collection: 'c', key, value, expiresAt: null })
        }),
      )
      await read((transaction) => {
        assert.deepEqual(keys(transaction.documents({ collection: 'c', limit: 100 })), inOrder)
        assert.deepEqual(
          keys(transaction.documents({ collection: 'c', prefix: 'a\u0000', limit: 100 })),
          inOrder.slice(1, 4),
        )
        assert.deepEqual(
          keys(transaction.documents({ collection: 'c', after: 'a\u0000b', limit: 2 })),
          inOrder.slice(4, 6),
        )
        inOrder.forEach((key, value) => {
          assert.equal(transaction.document('c', key)?.value, value)
        })
        assert.equal(transaction.document('c', '\u0000'), undefined)
      })
      await write((transaction) => {
        assert.equal(transaction.document('c', 'a\u0000')?.value, 1)
        transaction.removeDocument('c', 'a\u0000')
        transaction.removeDocument('c', 'a\u0000b')
      })
      const rest = inOrder.filter((key) => key !== 'a\u0000' && key !== 'a\u0000b')
      assert.deepEqual(keys(await read((transaction) => transaction.documents({ collection: 'c', limit: 100 }))), rest)
    },

    'any JSON value comes back as it was, the order of its fields too': async ({ write, read }) => {
      const values = [
        null,
        true,
        0,
        -1.5e-7,
        Number.MAX_SAFE_INTEGER,
        '',
        'text with "quotes", \\ and \u0000 and \u{1f600}',
        [],
        {},
        [[], [null], { a: [] }],
        { z: 1, a: { y: 2, b: [3] }, '': 0, 'a b': null, __proto: 1 },
        { text: 'x'.repeat(200_000) },
      ]
      await write((transaction) =>
        values.forEach((value, i) => {
          transaction.putDocument({ collection: 'c', key: `k${i}`, value, expiresAt: null })
        }),
      )
      const found = await read((transaction) => values.map((_, i) => transaction.document('c', `k${i}`)?.value))
      assert.equal(JSON.stringify(found), JSON.stringify(values))
    },

    'a value is kept as it was when it was put': async ({ write, read }) => {
      await write((transaction) => {
        const value = { list: [1] }
        transaction.putDocument({ collection: 'c', key: 'k', value, expiresAt: null })
        value.list.push(2)
        const found = transaction.document('c', 'k')?.value as typeof value
        same(found, { list: [1] })
        found.list.push(3)
        same(transaction.document('c', 'k')?.value, { list: [1] })
      })
      same((await read((transaction) => transaction.document('c', 'k')))?.value, { list: [1] })
    },

    'lists come by the code points of the keys, in pages that join': async ({ write, read }) => {
      await write(putKeys)
      for (const limit of [1, 4, 1_000]) {
        const seen = await read((transaction) => {
          const found: string[] = []
          for (let page = keys(transaction.documents({ collection: 'things', limit })); page.length > 0; ) {
            found.push(...page)
            page = keys(transaction.documents({ collection: 'things', after: page.at(-1) ?? '', limit }))
          }
          return found
        })
        assert.deepEqual(seen, namesInOrder)
      }
    },

    'a prefix is taken to the letter, and goes together with `after`': async ({ write, read }) => {
      await write(putKeys)
      for (const prefix of ['', 'a', 'a_', 'a%', '%', '\u{1f600}', '\u{10ffff}', '\uffee', 'none']) {
        const matching = namesInOrder.filter((key) => key.startsWith(prefix))
        const found = (query: { after?: string; limit: number }) =>
          read((transaction) => keys(transaction.documents({ collection: 'things', prefix, ...query })))
        assert.deepEqual(await found({ limit: 1_000 }), matching)
        assert.deepEqual(await found({ limit: 2 }), matching.slice(0, 2))
        for (const after of matching) {
          assert.deepEqual(await found({ after, limit: 1_000 }), matching.slice(matching.indexOf(after) + 1))
        }
      }
    },

    'lists see what the transaction wrote': async ({ write }) => {
      await write(putKeys)
      await write((transaction) => {
        transaction.removeDocument('things', 'a_b')
        transaction.putDocument({ collection: 'things', key: 'aa', value: 'new', expiresAt: null })
        transaction.putDocument({ collection: 'things', key: 'ab', value: 'changed', expiresAt: null })
        const found = transaction.documents({ collection: 'things', prefix: 'a', limit: 10 })
        assert.deepEqual(keys(found), ['a', 'a%b', 'aa', 'ab'])
        assert.deepEqual(
          found.slice(2).map(({ value }) => value),
          ['new', 'changed'],
        )
      })
    },

    'a document stays until it is removed; the expired are listed from the moment on': async ({ write, read }) => {
      const stored = [1, 2, 3].map((i) => ({ collection: `c${i}`, key: 'k', value: i, expiresAt: start + i }))
      await write((transaction) => {
        for (const document of stored) transaction.putDocument(document)
        transaction.putDocument({ collection: 'c', key: 'for ever', value: 0, expiresAt: null })
      })
      await read((transaction) => {
        sameSet(transaction.expiredDocuments(start, 100), [])
        sameSet(transaction.expiredDocuments(start + 2, 100), stored.slice(0, 2))
        assert.equal(transaction.expiredDocuments(start + 9, 2).length, 2)
        same(transaction.document('c1', 'k'), stored[0])
        same(transaction.documents({ collection: 'c1', limit: 9 }), stored.slice(0, 1))
      })
      await write((transaction) => {
        transaction.removeDocument('c1', 'k')
        transaction.putDocument({ collection: 'c2', key: 'k', value: 2, expiresAt: null })
        sameSet(transaction.expiredDocuments(start + 9, 100), stored.slice(2))
      })
      sameSet(await read((transaction) => transaction.expiredDocuments(start + 9, 100)), stored.slice(2))
    },
  },
}
