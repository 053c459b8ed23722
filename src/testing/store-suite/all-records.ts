import assert from 'node:assert/strict'
import { recordKinds } from '../../core/copy/record-kinds.ts'
import type { RecordKind, Store, StoreRecords, Transaction } from '../../core/store.ts'
import { same, sameSet } from './compare.ts'
import * as extremes from './extremes.ts'
import {
  deduplicationRecord,
  groupRecord,
  historyRecord,
  messageRecord,
  ordersGroup,
  putItem,
  putQueues,
  queueRecord,
  start,
  stepsRecord,
} from './records.ts'
import type { Topic } from './topic.ts'

const recordsOf = ({ records }: Store): StoreRecords => {
  assert.ok(records)
  return records
}

/** All of a kind, in slices of `limit`. */
const readAll = async (records: StoreRecords, kind: RecordKind, limit = 2, maxBytes = 2 ** 30): Promise<object[]> => {
  const found: object[] = []
  let after: string | null = null
  for (;;) {
    const slice: Awaited<ReturnType<StoreRecords['read']>> = await records.read(kind, { after, limit, maxBytes })
    assert.ok(slice.records.length <= limit)
    assert.ok(slice.next === null || slice.records.length > 0, 'a slice that is not the last holds something')
    found.push(...slice.records)
    if (slice.next === null) return found
    after = slice.next
  }
}

const putEnds = (transaction: Transaction): void => {
  transaction.putQueue(extremes.queue)
  for (const record of extremes.groups) transaction.putGroup(record)
  transaction.addCounts(extremes.groups[1]?.id ?? 0, extremes.counts)
  transaction.addCountsOfDay(extremes.groups[1]?.id ?? 0, 20_000, { processed: 2 ** 40 })
  for (const message of extremes.messages) transaction.insertMessage(message)
  for (const delivery of extremes.deliveries) transaction.insertDelivery(delivery)
  for (const entry of extremes.deduplications) transaction.putDeduplication(entry)
  transaction.putRetentionMark({ queueId: extremes.queue.id, checkAt: 2 ** 48 - 1, cursor: 2 ** 48 - 1 })
  for (const entry of extremes.history) transaction.putHistory(entry)
  for (const record of extremes.steps) transaction.putSteps(record)
  for (const document of extremes.documents) transaction.putDocument(document)
}

/** For stores that can be copied: `Store.records`. */
export const allRecords: Topic = {
  name: 'all records',
  needsRecords: true,
  checks: {
    'there are none in an empty store': async ({ store }) => {
      for (const kind of recordKinds) {
        same(await readAll(recordsOf(store), kind), [])
        assert.equal(await recordsOf(store).count(kind), 0)
      }
    },

    'records at the ends of their ranges come as they are': async ({ store, write }) => {
      await write(putEnds)
      const expected: Record<RecordKind, readonly object[]> = {
        queue: [extremes.queue],
        group: extremes.groups,
        counts: [{ groupId: extremes.groups[1]?.id, ...extremes.counts }],
        'counts-of-day': [
          { groupId: extremes.groups[1]?.id, day: 20_000, processed: 2 ** 40, errored: 0, filtered: 0 },
        ],
        message: extremes.messages,
        delivery: extremes.deliveries,
        deduplication: extremes.deduplications,
        'retention-mark': [{ queueId: extremes.queue.id, checkAt: 2 ** 48 - 1, cursor: 2 ** 48 - 1 }],
        history: extremes.history,
        steps: extremes.steps,
        document: extremes.documents,
      }
      for (const kind of recordKinds) {
        for (const limit of [1, 2, 100]) sameSet(await readAll(recordsOf(store), kind, limit), expected[kind])
        assert.equal(await recordsOf(store).count(kind), expected[kind].length)
      }
    },

    'discarded groups and expired records are among them, counts that are zero are not': async ({ store, write }) => {
      await write((transaction) => {
        putQueues(transaction)
        transaction.putGroup(groupRecord({ id: 20, queueId: 1, kind: 'discarded' }))
        transaction.addCounts(20, { ready: 1 })
        transaction.addCounts(ordersGroup, { ready: 1 })
        transaction.addCountsOfDay(ordersGroup, 3, { processed: 1 })
        putItem(transaction, { position: 5, groupId: 20 })
        transaction.putDocument({ collection: 'c', key: 'k', value: 1, expiresAt: 1 })
        transaction.putDeduplication(deduplicationRecord({ key: 'k', expiresAt: 1 }))
      })
      await write((transaction) => {
        transaction.addCounts(ordersGroup, { ready: -1 })
        transaction.addCountsOfDay(ordersGroup, 3, { processed: -1 })
      })
      const records = recordsOf(store)
      const ids = (await readAll(records, 'group')).map((group) => (group as { id: number }).id)
      same(
        ids.sort((a, b) => a - b),
        [11, 12, 20],
      )
      const counted = (await readAll(records, 'counts')).map((counts) => (counts as { groupId: number }).groupId)
      same(counted, [20])
      assert.equal(await records.count('counts'), 1)
      same(await readAll(records, 'counts-of-day'), [])
      assert.equal((await readAll(records, 'delivery')).length, 1)
      assert.equal((await readAll(records, 'document')).length, 1)
      assert.equal((await readAll(records, 'deduplication')).length, 1)
    },

    'come in slices that hold each of them once': async ({ store, write }) => {
      const many = Array.from({ length: 53 }, (_, i) => i + 1)
      await write((transaction) => {
        for (const n of many) {
          transaction.putQueue(queueRecord({ id: n }))
          transaction.putGroup(groupRecord({ id: 10 * n, queueId: n }))
          transaction.addCounts(10 * n, { ready: n })
          transaction.addCountsOfDay(10 * n, n % 3, { errored: n })
          transaction.insertMessage(messageRecord({ serial: 1000 - n, queueId: n, position: n }))
          transaction.putDeduplication(deduplicationRecord({ groupId: 10 * n, key: `k${n % 7}` }))
          transaction.putRetentionMark({ queueId: n, checkAt: start, cursor: n })
          transaction.putHistory(historyRecord({ serial: n }))
          transaction.putSteps(stepsRecord({ queueId: n, serial: 100 + n }))
          transaction.putDocument({ collection: `c${n % 3}`, key: `k${n}`, value: n, expiresAt: null })
        }
      })
      for (const kind of recordKinds.filter((each) => each !== 'delivery')) {
        for (const limit of [1, 10, 53, 54]) {
          const found = await readAll(recordsOf(store), kind, limit)
          assert.equal(new Set(found.map((record) => JSON.stringify(record))).size, 53, `${kind} by ${limit}`)
          assert.equal(found.length, 53)
        }
      }
    },

    'no slice holds much more than it may': async ({ store, write }) => {
      const body = new Uint8Array(10_000)
      await write((transaction) => {
        putQueues(transaction)
        for (let position = 1; position <= 20; position++) putItem(transaction, { position }, { body })
      })
      const query = { after: null, limit: 100, maxBytes: 35_000 }
      assert.equal((await recordsOf(store).read('message', query)).records.length, 4)
      assert.equal((await recordsOf(store).read('message', { ...query, maxBytes: 1 })).records.length, 1)
      assert.equal((await readAll(recordsOf(store), 'message', 100, 35_000)).length, 20)
    },

    'counters are above what was given, and go where they are raised to': async ({ store, write }) => {
      const records = recordsOf(store)
      const take = async () => {
        let taken = { numbers: 0, groupIds: 0, position: 0 }
        await write((transaction) => {
          putQueues(transaction)
          taken = {
            numbers: transaction.takeNumbers(10) + 9,
            groupIds: transaction.takeGroupId(),
            position: transaction.takePositions(1, 3) + 2,
          }
        })
        return taken
      }
      const first = await take()
      const counters = await records.counters()
      assert.ok(counters.numbers > first.numbers && counters.numbers > first.position)
      assert.ok(counters.groupIds > first.groupIds)
      for (const by of [1, 1500, 10_000_000]) {
        const before = await records.counters()
        const raised = { numbers: before.numbers + by, groupIds: before.groupIds + by }
        await records.raiseCounters(raised)
        await records.raiseCounters({ numbers: 1, groupIds: 1 })
        const after = await records.counters()
        assert.ok(after.numbers >= raised.numbers && after.groupIds >= raised.groupIds)
        const next = await take()
        assert.ok(next.numbers >= raised.numbers + 9 && next.position >= raised.numbers + 2, JSON.stringify(next))
        assert.ok(next.groupIds >= raised.groupIds)
      }
    },

    'counters of a fresh store are raised as well': async ({ store, write }) => {
      await recordsOf(store).raiseCounters({ numbers: 1500, groupIds: 20 })
      await write((transaction) => {
        putQueues(transaction)
        assert.ok(transaction.takeNumbers(1) >= 1500)
        assert.ok(transaction.takeGroupId() >= 20)
        assert.ok(transaction.takePositions(1, 1) >= 1500)
      })
    },
  },
}

export const allRecordsOverReopen: Topic = {
  name: 'all records over a reopen',
  needsRecords: true,
  needsReopen: true,
  checks: {
    'places and raised counters last': async (subject) => {
      await subject.write(putEnds)
      const first = await recordsOf(subject.store).read('message', { after: null, limit: 1, maxBytes: 1 })
      await recordsOf(subject.store).raiseCounters({ numbers: 5_000_000, groupIds: 5_000 })
      await subject.reopen()
      const query = { after: first.next, limit: 100, maxBytes: 2 ** 30 }
      const rest = await recordsOf(subject.store).read('message', query)
      sameSet([...first.records, ...rest.records], extremes.messages)
      assert.ok((await recordsOf(subject.store).counters()).numbers >= 5_000_000)
      assert.ok((await subject.read((transaction) => transaction.takeNumbers(1))) >= 5_000_000)
      assert.ok((await subject.read((transaction) => transaction.takeGroupId())) >= 5_000)
    },
  },
}
