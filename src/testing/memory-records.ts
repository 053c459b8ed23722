import { noCounts } from '../core/queue.ts'
import type { RecordKind, RecordsByKind, StoreRecords } from '../core/store.ts'
import type { MemoryTables } from './memory-tables.ts'

type All = { readonly [Kind in RecordKind]: (tables: MemoryTables) => readonly RecordsByKind[Kind][] }

const isNotZero = (numbers: object, names: readonly string[]): boolean =>
  names.some((name) => (numbers as Record<string, unknown>)[name] !== 0)

const all: All = {
  queue: (tables) => tables.queues.values(),
  group: (tables) => tables.groups.values(),
  counts: (tables) =>
    tables.groups
      .values()
      .map(({ id }) => ({ groupId: id, ...(tables.counts.get(id) ?? noCounts()) }))
      .filter((counts) => isNotZero(counts, Object.keys(noCounts()))),
  'counts-of-day': (tables) =>
    tables.countsOfDays.values().filter((counts) => isNotZero(counts, ['processed', 'errored', 'filtered'])),
  message: (tables) => tables.messages.values(),
  delivery: (tables) => tables.deliveries.values(),
  deduplication: (tables) => tables.deduplications.values(),
  'retention-mark': (tables) => tables.retentionMarks.values(),
  history: (tables) => tables.history.values(),
  steps: (tables) => tables.steps.values(),
  document: (tables) =>
    tables.documents.values().map(({ collection, key, json, expiresAt }) => ({
      collection,
      key,
      value: JSON.parse(json) as unknown,
      expiresAt,
    })),
}

/** Where a record stands among those of its kind. */
const places: { readonly [Kind in RecordKind]: (record: RecordsByKind[Kind]) => readonly (string | number)[] } = {
  queue: ({ id }) => [id],
  group: ({ id }) => [id],
  counts: ({ groupId }) => [groupId],
  'counts-of-day': ({ groupId, day }) => [groupId, day],
  message: ({ serial }) => [serial],
  delivery: ({ groupId, position }) => [groupId, position],
  deduplication: ({ groupId, key }) => [groupId, key],
  'retention-mark': ({ queueId }) => [queueId],
  history: ({ serial }) => [serial],
  steps: ({ queueId, serial }) => [queueId, serial],
  document: ({ collection, key }) => [collection, key],
}

export const memoryRecords = (tables: MemoryTables): StoreRecords => {
  const inOrder = <Kind extends RecordKind>(kind: Kind) =>
    all[kind](tables)
      .map((record) => ({ record, place: JSON.stringify(places[kind](record)) }))
      .sort((a, b) => (a.place < b.place ? -1 : 1))
  return {
    async read(kind, { after, limit, maxBytes }) {
      const behind = inOrder(kind).filter(({ place }) => after === null || place > after)
      let bytes = 0
      const taken = behind.slice(0, limit).filter(({ record }) => {
        if (bytes >= maxBytes) return false
        bytes += 'body' in record ? record.body.length : 1
        return true
      })
      return {
        records: taken.map(({ record }) => record),
        next: taken.length === behind.length ? null : (taken.at(-1)?.place ?? null),
      }
    },
    count: async (kind) => inOrder(kind).length,
    counters: async () => ({ numbers: tables.lastNumber + 1, groupIds: tables.lastGroupId + 1 }),
    async raiseCounters({ numbers, groupIds }) {
      tables.lastNumber = Math.max(tables.lastNumber, numbers - 1)
      tables.lastGroupId = Math.max(tables.lastGroupId, groupIds - 1)
    },
  }
}
