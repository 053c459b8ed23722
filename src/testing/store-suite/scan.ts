import assert from 'node:assert/strict'
import type { DeliveryState, DeliveryType } from '../../core/delivery.ts'
import type { SearchQuery, Transaction } from '../../core/store.ts'
import { positions, same } from './compare.ts'
import { invoicesGroup, ordersGroup, putItem, putQueues } from './records.ts'
import type { Subject, Topic } from './topic.ts'

const kinds: readonly (readonly [DeliveryState, DeliveryType])[] = [
  ['ready', 'Q'],
  ['behind', 'Q'],
  ['delayed', 'Q'],
  ['delayed', 'D'],
  ['leased', 'Q'],
  ['finished', 'P'],
  ['finished', 'E'],
  ['finished', 'F'],
  ['finished', 'S'],
]
const clients = [undefined, 'me', 'you']

interface Row {
  readonly position: number
  readonly state: DeliveryState
  readonly type: DeliveryType
  readonly clientId: string | undefined
}

/** A row of each kind from each client, in a mixed order of ranks, with gaps between the positions. */
const rows: readonly Row[] = kinds.flatMap(([state, type], k) =>
  clients.map((clientId, c) => ({ position: 10 * (k * clients.length + c + 1), state, type, clientId })),
)

const putRows = (transaction: Transaction): void => {
  putQueues(transaction)
  for (const { position, state, type, clientId } of rows) {
    const extra = clientId === undefined ? (position % 20 === 0 ? { delayMs: 5 } : null) : { clientId }
    putItem(transaction, { position, state, type, rank: (position * 7) % 31 }, { extra })
    putItem(transaction, { groupId: invoicesGroup, position: position + 1_001, state, type }, { extra })
  }
}

type Query = Omit<SearchQuery, 'examine'>

/** The contract said once more, over the rows. */
const expected = ({ after, limit, newestFirst, states, types, exceptClientId }: Query): number[] => {
  const found = rows
    .filter((row) => after === undefined || (newestFirst ? row.position < after : row.position > after))
    .filter((row) => states === undefined || states.includes(row.state))
    .filter((row) => types === undefined || types.includes(row.type))
    .filter((row) => exceptClientId === undefined || row.clientId !== exceptClientId)
    .map(({ position }) => position)
  return (newestFirst ? found.reverse() : found).slice(0, limit)
}

const checkAll = async ({ read }: Subject, queries: readonly Query[]) => {
  const found = await read((transaction) => queries.map((query) => positions(search(transaction, query))))
  queries.forEach((query, i) => {
    assert.deepEqual(found[i], expected(query), JSON.stringify(query))
  })
  const plain = queries.filter(({ states, types, exceptClientId }) => !states && !types && exceptClientId === undefined)
  const scanned = await read((transaction) => plain.map((query) => positions(transaction.scan(ordersGroup, query))))
  plain.forEach((query, i) => {
    assert.deepEqual(scanned[i], expected(query), JSON.stringify(query))
  })
}

const everything = 100_000

/** All that matches, however much has to be looked at. */
const search = (transaction: Transaction, query: Query) =>
  transaction.search(ordersGroup, { ...query, examine: everything }).items

const filters: readonly Omit<Query, 'limit'>[] = [
  {},
  { states: ['ready'] },
  { states: ['ready', 'behind', 'delayed'] },
  { states: ['finished'] },
  { states: [] },
  { types: ['D'] },
  { types: ['P', 'E', 'S'] },
  { types: [] },
  { states: ['delayed'], types: ['Q'] },
  { states: ['finished', 'ready'], types: ['F', 'Q'] },
  { exceptClientId: 'me' },
  { exceptClientId: 'nobody' },
  { exceptClientId: 'you', states: ['ready', 'leased', 'finished'], types: ['Q', 'S'] },
]

const slices: readonly (readonly [limit: number, examine: number])[] = [
  [2, 3],
  [1, 1],
  [5, 4],
  [100, 10],
]

/** All that slices find one after the other, none of them looking at more than it may. */
const searched = (transaction: Transaction, query: SearchQuery): number[] => {
  const found: number[] = []
  let after: number | undefined
  while (true) {
    const slice = transaction.search(ordersGroup, { ...query, ...(after === undefined ? {} : { after }) })
    assert.ok(slice.items.length <= query.limit && slice.items.length <= slice.examined, JSON.stringify(query))
    assert.ok(slice.examined <= query.examine, JSON.stringify(query))
    found.push(...positions(slice.items))
    if (slice.next === null) return found
    assert.ok(after === undefined || (query.newestFirst ? slice.next < after : slice.next > after))
    after = slice.next
  }
}

export const scan: Topic = {
  name: 'scan',
  checks: {
    'goes through a group by position, in both directions, with each filter': async (subject) => {
      await subject.write(putRows)
      const queries = filters.flatMap((filter) => [
        { ...filter, limit: 1_000 },
        { ...filter, limit: 1_000, newestFirst: true },
        { ...filter, limit: 1_000, newestFirst: false },
      ])
      await checkAll(subject, queries)
    },

    'begins just beyond `after`, which need not be there': async (subject) => {
      await subject.write(putRows)
      const afters = [0, 1, 10, 15, 100, 265, 270, 271, 2 ** 48]
      const queries = afters.flatMap((after) =>
        [false, true].flatMap((newestFirst) => [
          { after, newestFirst, limit: 4 },
          { after, newestFirst, limit: 100, states: ['ready', 'finished'] as const },
        ]),
      )
      await checkAll(subject, queries)
    },

    'fills its limit across what the filters leave out, and pages join': async (subject) => {
      await subject.write(putRows)
      for (const newestFirst of [false, true]) {
        for (const filter of filters) {
          const seen = await subject.read((transaction) => {
            const found: number[] = []
            let page = positions(search(transaction, { ...filter, newestFirst, limit: 2 }))
            while (page.length > 0) {
              found.push(...page)
              const after = page.at(-1) ?? 0
              page = positions(search(transaction, { ...filter, newestFirst, after, limit: 2 }))
            }
            return found
          })
          assert.deepEqual(seen, expected({ ...filter, newestFirst, limit: 1_000 }))
        }
      }
    },

    'finds one row far behind many that a filter leaves out': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        for (let position = 1; position <= 700; position++) {
          putItem(transaction, { position, state: 'leased' }, { extra: { clientId: 'me' } })
        }
        putItem(transaction, { position: 701 }, { extra: { clientId: 'you' } })
      })
      await read((transaction) => {
        const query = { limit: 1 }
        assert.deepEqual(positions(search(transaction, { ...query, exceptClientId: 'me' })), [701])
        assert.deepEqual(positions(search(transaction, { ...query, states: ['ready'] })), [701])
        assert.deepEqual(positions(search(transaction, { ...query, newestFirst: true, exceptClientId: 'you' })), [700])
      })
    },

    'a search looks at so many at most, says how far it came, and goes on from there': async (subject) => {
      await subject.write(putRows)
      await subject.read((transaction) => {
        for (const newestFirst of [false, true]) {
          for (const filter of filters) {
            for (const [limit, examine] of slices) {
              const seen = searched(transaction, { ...filter, newestFirst, limit, examine })
              assert.deepEqual(seen, expected({ ...filter, newestFirst, limit: 1_000 }))
            }
          }
        }
      })
    },

    'gives whole items and sees what the transaction wrote': async ({ write }) => {
      await write(putRows)
      await write((transaction) => {
        const first = transaction.scan(ordersGroup, { limit: 1 })[0] ?? assert.fail('no item')
        same(first, transaction.item(ordersGroup, 10))
        transaction.removeDelivery(first.delivery)
        const second = transaction.item(ordersGroup, 20) ?? assert.fail('no item')
        transaction.updateDelivery(second.delivery, { ...second.delivery, state: 'finished', type: 'P' })
        const added = putItem(transaction, { position: 5 }, { extra: { clientId: 'me' } })
        same(transaction.scan(ordersGroup, { limit: 1 })[0], added)
        assert.deepEqual(positions(search(transaction, { limit: 2, states: ['ready'] })), [5, 30])
        assert.deepEqual(positions(search(transaction, { limit: 1, types: ['P'] })), [20])
        assert.deepEqual(
          positions(search(transaction, { after: 30, newestFirst: true, limit: 9, exceptClientId: 'me' })),
          [],
        )
      })
    },
  },
}
