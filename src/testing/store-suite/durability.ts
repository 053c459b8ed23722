import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import { same, sameSet } from './compare.ts'
import { dump, type Universe } from './dump.ts'
import * as extremes from './extremes.ts'
import { deliveryAt, ordersGroup, putItem, putQueues } from './records.ts'
import type { Subject, Topic } from './topic.ts'

const { hostileText, longText } = extremes
const [, group] = extremes.groups
const groupId = group?.id ?? 0

const universe: Universe = {
  accounts: [extremes.queue.account],
  queueIds: [extremes.queue.id],
  groupIds: extremes.groups.map(({ id }) => id),
  messageGroups: ['', longText],
  claimIds: ['', hostileText],
  clientIds: ['', hostileText],
  serials: extremes.messages.map(({ serial }) => serial),
  deduplicationKeys: extremes.deduplications.map(({ key }) => key),
  collections: ['c'],
  end: 2 ** 48 - 1,
}

const mark = { queueId: extremes.queue.id, checkAt: 2 ** 48 - 1, cursor: 2 ** 48 - 1 }

const putAll = (transaction: Transaction): void => {
  transaction.putQueue(extremes.queue)
  for (const record of extremes.groups) transaction.putGroup(record)
  transaction.addCounts(groupId, extremes.counts)
  for (const message of extremes.messages) transaction.insertMessage(message)
  for (const delivery of extremes.deliveries) transaction.insertDelivery(delivery)
  for (const entry of extremes.deduplications) transaction.putDeduplication(entry)
  transaction.putRetentionMark(mark)
  for (const entry of extremes.history) transaction.putHistory(entry)
  for (const record of extremes.steps) transaction.putSteps(record)
  for (const document of extremes.documents) transaction.putDocument(document)
}

const checkAll = (transaction: Transaction): void => {
  const { queue, groups, counts, messages, deliveries, deduplications, history, documents } = extremes
  const found = transaction.queue(queue.account, queue.name)
  same(found, { ...queue, groups })
  assert.equal(JSON.stringify(found?.settings.metadata), JSON.stringify(queue.settings.metadata))
  same(transaction.queueById(queue.id), { ...queue, groups })
  same(transaction.counts(groupId), counts)
  for (const record of groups) same(transaction.group(record.id), record)
  for (const message of messages) same(transaction.message(message.serial), message)
  const items = deliveries.map((delivery, i) => ({ delivery, message: messages[i] }))
  same(transaction.scan(groupId, { limit: 9 }), items)
  items.forEach((item) => {
    same(transaction.item(groupId, item.delivery.position), item)
  })
  same(transaction.ready(groupId, 9), items.slice(0, 1))
  same(transaction.claimed(hostileText), items.slice(2))
  same(transaction.claimed(''), items.slice(1, 2))
  same(transaction.messageGroup(groupId, longText, 9), items.slice(2))
  same(transaction.due(universe.end, 9), items.slice(1))
  same(transaction.search(groupId, { limit: 9, examine: 99, exceptClientId: hostileText }).items, items.slice(0, 2))
  for (const entry of deduplications) same(transaction.deduplication(groupId, entry.key), entry)
  sameSet(transaction.expiredDeduplications(universe.end, 9), deduplications)
  same(transaction.retentionMark(queue.id), mark)
  same(transaction.dueRetentionMarks(mark.checkAt, 9), [mark])
  for (const entry of history) same(transaction.history(entry.serial), entry)
  for (const record of extremes.steps) same(transaction.steps(record.queueId, record.serial), record)
  for (const document of documents) same(transaction.document('c', document.key), document)
  same(transaction.documents({ collection: 'c', limit: 9 }), documents)
}

const removeAll = (transaction: Transaction): void => {
  for (const { delivery } of transaction.scan(groupId, { limit: 9 })) transaction.removeDelivery(delivery)
  for (const { serial } of extremes.messages) transaction.removeMessage(serial)
  for (const { key } of extremes.deduplications) transaction.removeDeduplication(groupId, key)
  transaction.removeRetentionMark(mark.queueId)
  transaction.removeHistory(2 ** 48, 9)
  for (const { queueId, serial } of extremes.steps) transaction.removeSteps(queueId, serial)
  for (const { key } of extremes.documents) transaction.removeDocument('c', key)
  for (const { id } of extremes.groups) transaction.removeGroup(id)
  transaction.removeQueue(extremes.queue.id)
}

/** What `dump` shows of a store that has none of it. */
const emptyDump = ({ read }: Subject) => read((transaction) => dump(transaction, universe))

export const fidelity: Topic = {
  name: 'records at the ends of their ranges',
  checks: {
    'come back as they were, within the transaction and after it': async ({ write, read }) => {
      await write((transaction) => {
        putAll(transaction)
        checkAll(transaction)
      })
      await read(checkAll)
    },

    'leave nothing behind when they are removed': async (subject) => {
      const before = await emptyDump(subject)
      await subject.write(putAll)
      await subject.write(removeAll)
      assert.deepEqual(await subject.read((transaction) => dump(transaction, universe)), before)
    },
  },
}

export const durability: Topic = {
  name: 'durability over a reopen',
  needsReopen: true,
  checks: {
    'records at the ends of their ranges are as they were': async (subject) => {
      await subject.write(putAll)
      await subject.reopen()
      await subject.read(checkAll)
      await subject.reopen()
      await subject.read(checkAll)
    },

    'removals and changes last': async (subject) => {
      const before = await emptyDump(subject)
      await subject.write(putAll)
      await subject.write((transaction) => {
        const last = deliveryAt(transaction, 2 ** 48 - 1, groupId)
        transaction.updateDelivery(last, { ...last, state: 'ready', type: 'Q', claimId: null, dueAt: null })
        transaction.moveMessage(1, extremes.queue.id, 1, 7)
        transaction.addCounts(groupId, { ready: -(2 ** 40), done: 1 })
        transaction.putDocument({ collection: 'c', key: '', value: 'changed', expiresAt: 5 })
      })
      const changed = await subject.read((transaction) => dump(transaction, universe))
      await subject.reopen()
      assert.deepEqual(await subject.read((transaction) => dump(transaction, universe)), changed)
      await subject.write(removeAll)
      await subject.reopen()
      assert.deepEqual(await subject.read((transaction) => dump(transaction, universe)), before)
    },

    'nothing of a failed transaction comes up': async (subject) => {
      await subject.write(putQueues, (transaction) => void putItem(transaction, { position: 1 }))
      const failure = new Error('on purpose')
      const failing = (transaction: Transaction) => {
        putItem(transaction, { position: 2 })
        transaction.addCounts(ordersGroup, { ready: 1 })
        throw failure
      }
      await assert.rejects(subject.store.transact([{ run: failing }]), failure)
      await subject.reopen()
      await subject.read((transaction) => {
        same(transaction.item(ordersGroup, 2), undefined)
        same(transaction.message(2), undefined)
        same(transaction.item(ordersGroup, 1)?.delivery.position, 1)
        same(transaction.counts(ordersGroup).ready, 0)
      })
    },

    'close waits for what is under way, and may be called again': async (subject) => {
      const { store } = subject
      await subject.write(putQueues)
      const writing = store.transact([{ run: (transaction) => void putItem(transaction, { position: 1 }) }])
      const closing = store.close()
      await writing
      await closing
      await store.close()
      await subject.reopen()
      same((await subject.read((transaction) => transaction.item(ordersGroup, 1)))?.delivery.position, 1)
    },

    'a closed store refuses transactions': async ({ store }) => {
      await store.close()
      let ran = false
      const unit = {
        run() {
          ran = true
        },
      }
      await assert.rejects(store.transact([unit]), { name: 'StoreFailure', safeToRetry: true })
      assert.equal(ran, false)
    },
  },
}
