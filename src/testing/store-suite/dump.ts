import type { Transaction } from '../../core/store.ts'
import { plain, positions, sorted } from './compare.ts'

/** What a test may have written about: everything in it is read for a comparison. */
export interface Universe {
  readonly accounts: readonly string[]
  readonly queueIds: readonly number[]
  readonly groupIds: readonly number[]
  readonly messageGroups: readonly string[]
  readonly claimIds: readonly string[]
  readonly clientIds: readonly string[]
  readonly serials: readonly number[]
  readonly deduplicationKeys: readonly string[]
  readonly collections: readonly string[]
  /** Later than everything that is due. */
  readonly end: number
}

const all = 100_000

/** Everything that the reads of a transaction show, as plain data to compare; by the read that showed it. */
export const dump = (transaction: Transaction, universe: Universe): Record<string, unknown> => {
  const { accounts, queueIds, groupIds, messageGroups, claimIds, clientIds } = universe
  const { serials, deduplicationKeys, collections, end } = universe
  const shown: Record<string, unknown> = {}
  const show = (name: string, value: unknown) => {
    shown[name] = plain(value) ?? null
  }

  for (const account of accounts) {
    const queues = transaction.queues({ account, limit: all })
    show(`queues ${account}`, queues)
    for (const { name } of queues) show(`queue ${account} ${name}`, transaction.queue(account, name))
  }
  show('allQueues', transaction.allQueues({ afterId: 0, limit: all }))
  for (const id of queueIds) {
    show(`queueById ${id}`, transaction.queueById(id))
    show(`retentionMark ${id}`, transaction.retentionMark(id))
  }
  for (const id of groupIds) {
    show(`group ${id}`, transaction.group(id))
    show(`counts ${id}`, transaction.counts(id))
    show(`ready ${id}`, transaction.ready(id, all))
    const items = transaction.scan(id, { limit: all })
    show(`scan ${id}`, items)
    show(`search ${id}`, transaction.search(id, { limit: all, examine: all, types: ['D', 'P', 'E', 'F', 'S'] }).items)
    show(
      `countsOfDay ${id}`,
      [0, 1, 2].map((day) => transaction.countsOfDay(id, day)),
    )
    show(`scan ${id} newest first`, transaction.scan(id, { limit: all, newestFirst: true }))
    for (const exceptClientId of clientIds) {
      show(
        `search ${id} except ${exceptClientId}`,
        transaction.search(id, { limit: all, examine: all, exceptClientId }).items,
      )
    }
    for (const { delivery } of items) {
      show(`item ${id} ${delivery.position}`, transaction.item(id, delivery.position))
    }
    for (const group of messageGroups) {
      show(`messageGroup ${id} ${group}`, transaction.messageGroup(id, group, all))
    }
    for (const key of deduplicationKeys) show(`deduplication ${id} ${key}`, transaction.deduplication(id, key))
  }
  for (const id of claimIds) {
    const claimed = transaction.claimed(id)
    show(`claimed ${id} positions`, positions(claimed))
    show(`claimed ${id}`, sorted(claimed))
  }
  for (const serial of serials) {
    show(`message ${serial}`, transaction.message(serial))
    show(`history ${serial}`, transaction.history(serial))
    for (const id of queueIds) show(`steps ${id} ${serial}`, transaction.steps(id, serial))
  }
  for (const collection of collections)
    show(`documents ${collection}`, transaction.documents({ collection, limit: all }))
  const due = transaction.due(end, all)
  show(
    'due times',
    due.map(({ delivery }) => delivery.dueAt),
  )
  show('due', sorted(due))
  show('expiredDeduplications', sorted(transaction.expiredDeduplications(end, all)))
  show('dueRetentionMarks', sorted(transaction.dueRetentionMarks(end, all)))
  show('expiredDocuments', sorted(transaction.expiredDocuments(end, all)))
  return shown
}
