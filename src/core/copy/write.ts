import type { RecordKind, RecordsByKind, Transaction } from '../store.ts'

type Writers = { readonly [Kind in RecordKind]: (transaction: Transaction, record: RecordsByKind[Kind]) => void }

/** How a record gets into a store that does not have it. */
const writers: Writers = {
  queue: (transaction, queue) => transaction.putQueue(queue),
  group: (transaction, group) => transaction.putGroup(group),
  counts: (transaction, { groupId, ...counts }) => transaction.addCounts(groupId, counts),
  'counts-of-day': (transaction, { groupId, day, ...counts }) => transaction.addCountsOfDay(groupId, day, counts),
  message: (transaction, message) => transaction.insertMessage(message),
  delivery: (transaction, delivery) => transaction.insertDelivery(delivery),
  deduplication: (transaction, entry) => transaction.putDeduplication(entry),
  'retention-mark': (transaction, mark) => transaction.putRetentionMark(mark),
  history: (transaction, entry) => transaction.putHistory(entry),
  steps: (transaction, record) => transaction.putSteps(record),
  document: (transaction, document) => transaction.putDocument(document),
}

export const writeRecord = <Kind extends RecordKind>(
  transaction: Transaction,
  kind: Kind,
  record: RecordsByKind[Kind],
): void => writers[kind](transaction, record)
