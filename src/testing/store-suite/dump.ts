import type { Item } from '../../core/delivery.ts'
import type { Store, Transaction } from '../../core/store.ts'
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
const types = ['D', 'P', 'E', 'F', 'S'] as const

/** Everything that the reads of a transaction show, as plain data to compare; by the read that showed it. */
export const dump = (transaction: Transaction, universe: Universe): Record<string, unknown> =>
  Object.assign({}, ...readsOf(universe).map((read) => read(transaction)))

/** The same, each read a unit of its own: a store that loads what units miss does so for all of them at once. */
export const dumpInUnits = async (store: Store, universe: Universe): Promise<Record<string, unknown>> => {
  const shown: Record<string, unknown>[] = []
  const units = readsOf(universe).map((read, i) => ({
    run(transaction: Transaction) {
      shown[i] = read(transaction)
    },
  }))
  await store.transact(units)
  return Object.assign({}, ...shown)
}

type Read = (transaction: Transaction) => Record<string, unknown>

const readsOf = (universe: Universe): Read[] => {
  const { accounts, queueIds, groupIds, messageGroups, claimIds, clientIds } = universe
  const { serials, deduplicationKeys, collections, end } = universe
  return [
    ...accounts.map((account) => queuesOf(account)),
    show('allQueues', (transaction) => transaction.allQueues({ afterId: 0, limit: all })),
    ...queueIds.flatMap((id) => [
      show(`queueById ${id}`, (transaction) => transaction.queueById(id)),
      show(`retentionMark ${id}`, (transaction) => transaction.retentionMark(id)),
    ]),
    ...groupIds.flatMap((id) => [
      show(`group ${id}`, (transaction) => transaction.group(id)),
      show(`counts ${id}`, (transaction) => transaction.counts(id)),
      show(`firstDeliveries ${id}`, (transaction) => transaction.firstDeliveries(id, all)),
      show(`ready ${id}`, (transaction) => transaction.ready(id, all)),
      show(`scan ${id} newest first`, (transaction) => transaction.scan(id, { limit: all, newestFirst: true })),
      show(`search ${id}`, (transaction) => transaction.search(id, { limit: all, examine: all, types }).items),
      ...[0, 1, 2].map((day) => show(`countsOfDay ${id} ${day}`, (transaction) => transaction.countsOfDay(id, day))),
      itemsOf(id),
      ...clientIds.map((exceptClientId) =>
        show(
          `search ${id} except ${exceptClientId}`,
          (transaction) => transaction.search(id, { limit: all, examine: all, exceptClientId }).items,
        ),
      ),
      ...messageGroups.map((group) =>
        show(`messageGroup ${id} ${group}`, (transaction) => transaction.messageGroup(id, group, all)),
      ),
      ...deduplicationKeys.map((key) =>
        show(`deduplication ${id} ${key}`, (transaction) => transaction.deduplication(id, key)),
      ),
    ]),
    ...claimIds.flatMap((id) => [
      show(`claimed ${id} positions`, (transaction) => positions(transaction.claimed(id))),
      show(`claimed ${id}`, (transaction) => sorted(transaction.claimed(id))),
    ]),
    ...serials.flatMap((serial) => [
      show(`message ${serial}`, (transaction) => transaction.message(serial)),
      show(`history ${serial}`, (transaction) => transaction.history(serial)),
      ...queueIds.map((id) => show(`steps ${id} ${serial}`, (transaction) => transaction.steps(id, serial))),
    ]),
    ...collections.map((collection) =>
      show(`documents ${collection}`, (transaction) => transaction.documents({ collection, limit: all })),
    ),
    show('due times', (transaction) => transaction.due(end, all).map(({ delivery }) => delivery.dueAt)),
    show('due', (transaction) => sorted(transaction.due(end, all))),
    show('expiredDeduplications', (transaction) => sorted(transaction.expiredDeduplications(end, all))),
    show('dueRetentionMarks', (transaction) => sorted(transaction.dueRetentionMarks(end, all))),
    show('expiredDocuments', (transaction) => sorted(transaction.expiredDocuments(end, all))),
  ]
}

const show =
  (name: string, read: (transaction: Transaction) => unknown): Read =>
  (transaction) => ({ [name]: plain(read(transaction)) ?? null })

const queuesOf =
  (account: string): Read =>
  (transaction) => {
    const queues = transaction.queues({ account, limit: all })
    const one = ({ name }: { name: string }) =>
      show(`queue ${account} ${name}`, () => transaction.queue(account, name))(transaction)
    return Object.assign({ [`queues ${account}`]: plain(queues) }, ...queues.map(one))
  }

const itemsOf =
  (id: number): Read =>
  (transaction) => {
    const items = transaction.scan(id, { limit: all })
    const one = ({ delivery: { position } }: Item) =>
      show(`item ${id} ${position}`, () => transaction.item(id, position))(transaction)
    return Object.assign({ [`scan ${id}`]: plain(items) }, ...items.map(one))
  }
