import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { GroupKind, GroupRecord, QueueRecord, QueueSettings, Subscription } from '../../../core/queue.ts'
import { afterPrefix, fromJson, toJson } from '../../sql/encoding.ts'
import { Generations } from '../../sql/generations.ts'
import { boundLimit, type Row, Select } from '../database.ts'

type QueueRow = Omit<QueueRecord, 'groups'>

export const queueColumns = 'id, account, name, explicit, created_at, modified_at, settings'
export const groupColumns =
  'id, queue_id, kind, name, created_at, dead_letters_of, backfill_from, backfill_to, door, backfilled, tag_rule, subscription'

const cachedQueues = 20_000
/** Queues that share settings share one object. */
const sharedSettings = 1_000

/** Queues and their groups: read on every request, so cached; written rarely, so written at once. */
export class Queues {
  readonly #selects: ReturnType<typeof prepareSelects>
  readonly #putQueue: StatementSync
  readonly #removeQueue: StatementSync
  readonly #putGroup: StatementSync
  readonly #removeGroup: StatementSync
  readonly #byId = new Generations<number, QueueRecord>(cachedQueues)
  readonly #idByName = new Generations<string, number>(cachedQueues)
  readonly #groups = new Generations<number, GroupRecord>(cachedQueues)
  readonly #settings = new Generations<string, QueueSettings>(sharedSettings)

  constructor(database: DatabaseSync) {
    this.#selects = prepareSelects(database, (row) => this.#readQueue(row))
    this.#putQueue = database.prepare(
      `INSERT INTO queue (${queueColumns}) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET account = excluded.account, name = excluded.name, explicit = excluded.explicit,
         created_at = excluded.created_at, modified_at = excluded.modified_at, settings = excluded.settings`,
    )
    this.#removeQueue = database.prepare('DELETE FROM queue WHERE id = ?')
    this.#putGroup = database.prepare(
      `INSERT INTO queue_group (${groupColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET queue_id = excluded.queue_id, kind = excluded.kind, name = excluded.name,
         created_at = excluded.created_at, dead_letters_of = excluded.dead_letters_of,
         backfill_from = excluded.backfill_from, backfill_to = excluded.backfill_to, door = excluded.door,
         backfilled = excluded.backfilled, tag_rule = excluded.tag_rule, subscription = excluded.subscription`,
    )
    this.#removeGroup = database.prepare('DELETE FROM queue_group WHERE id = ?')
  }

  get cached(): number {
    return this.#byId.size
  }

  byName(account: string, name: string): QueueRecord | undefined {
    const key = nameKey(account, name)
    const id = this.#idByName.get(key)
    if (id !== undefined) return this.byId(id)
    const queue = this.#complete(this.#selects.byName.one(account, name))
    if (queue) this.#remember(queue)
    return queue
  }

  byId(id: number): QueueRecord | undefined {
    const known = this.#byId.get(id)
    if (known) return known
    const queue = this.#complete(this.#selects.byId.one(id))
    if (queue) this.#remember(queue)
    return queue
  }

  list(query: { account: string; prefix?: string; after?: string; limit: number }): QueueRecord[] {
    const { account, prefix = '', after, limit } = query
    const end = afterPrefix(prefix)
    const from: SQLInputValue[] = [account, prefix, after ?? '', after ?? null]
    const rows =
      end === undefined ? this.#selects.list.all(...from, limit) : this.#selects.listUpTo.all(...from, end, limit)
    return rows.map((row) => this.#complete(row)!)
  }

  all(query: { afterId: number; limit: number }): QueueRecord[] {
    return this.#selects.all.all(query.afterId, query.limit).map((row) => this.#complete(row)!)
  }

  group(id: number): GroupRecord | undefined {
    const known = this.#groups.get(id)
    if (known) return known
    const group = this.#selects.group.one(id)
    if (group) this.#groups.set(id, group)
    return group
  }

  put(queue: QueueRow): void {
    this.#forgetQueue(queue.id)
    this.#putQueue.run(
      queue.id,
      queue.account,
      queue.name,
      queue.explicit ? 1 : 0,
      queue.createdAt,
      queue.modifiedAt,
      JSON.stringify(queue.settings),
    )
  }

  remove(id: number): void {
    this.#forgetQueue(id)
    this.#removeQueue.run(id)
  }

  putGroup(group: GroupRecord): void {
    this.#forgetGroup(group.id)
    this.#byId.delete(group.queueId)
    this.#putGroup.run(
      group.id,
      group.queueId,
      group.kind,
      group.name,
      group.createdAt,
      group.deadLettersOf,
      group.backfillFrom,
      group.backfillTo,
      JSON.stringify(group.door),
      group.backfilled,
      toJson(group.tagRule),
      toJson(group.subscription),
    )
  }

  removeGroup(id: number): void {
    this.#forgetGroup(id)
    this.#removeGroup.run(id)
  }

  forget(): void {
    this.#byId.clear()
    this.#idByName.clear()
    this.#groups.clear()
  }

  #remember(queue: QueueRecord): void {
    this.#byId.set(queue.id, queue)
    this.#idByName.set(nameKey(queue.account, queue.name), queue.id)
  }

  /** Before a queue is written: its name may be another one afterwards. */
  #forgetQueue(id: number): void {
    const stored = this.#byId.get(id) ?? this.#selects.byId.one(id)
    if (stored) this.#idByName.delete(nameKey(stored.account, stored.name))
    this.#byId.delete(id)
  }

  /** Before a group is written: it may belong to another queue afterwards. */
  #forgetGroup(id: number): void {
    const stored = this.group(id)
    if (stored) this.#byId.delete(stored.queueId)
    this.#groups.delete(id)
  }

  #complete(queue: QueueRow | undefined): QueueRecord | undefined {
    return queue && (this.#byId.get(queue.id) ?? { ...queue, groups: this.#selects.groups.all(queue.id) })
  }

  #readQueue(row: Row): QueueRow {
    const settingsJson = row[6] as string
    let settings = this.#settings.get(settingsJson)
    if (!settings) {
      settings = JSON.parse(settingsJson) as QueueSettings
      this.#settings.set(settingsJson, settings)
    }
    return readQueue(row, settings)
  }
}

export const readQueue = (row: Row, settings = JSON.parse(row[6] as string) as QueueSettings): QueueRow => ({
  id: row[0] as number,
  account: row[1] as string,
  name: row[2] as string,
  explicit: row[3] === 1,
  createdAt: row[4] as number,
  modifiedAt: row[5] as number,
  settings,
})

export const readGroup = (row: Row): GroupRecord => ({
  id: row[0] as number,
  queueId: row[1] as number,
  kind: row[2] as GroupKind,
  name: row[3] as string,
  createdAt: row[4] as number,
  deadLettersOf: row[5] as number | null,
  backfillFrom: row[6] as number,
  backfillTo: row[7] as number,
  door: JSON.parse(row[8] as string) as GroupRecord['door'],
  backfilled: row[9] as number,
  tagRule: fromJson<NonNullable<GroupRecord['tagRule']>>(row[10] as string | null),
  subscription: fromJson<Subscription>(row[11] as string | null),
})

const prepareSelects = (database: DatabaseSync, readQueue: (row: Row) => QueueRow) => {
  const queues = (rest: string) => new Select(database, `SELECT ${queueColumns} FROM queue WHERE ${rest}`, readQueue)
  const named = 'account = ? AND name >= max(?, ?) AND +name IS NOT ?'
  return {
    byName: queues('account = ? AND name = ?'),
    byId: queues('id = ?'),
    list: queues(`${named} ORDER BY name LIMIT ${boundLimit}`),
    listUpTo: queues(`${named} AND name < ? ORDER BY name LIMIT ${boundLimit}`),
    all: queues(`id > ? ORDER BY id LIMIT ${boundLimit}`),
    groups: new Select(
      database,
      `SELECT ${groupColumns} FROM queue_group WHERE queue_id = ? AND kind <> 'discarded' ORDER BY id`,
      readGroup,
    ),
    group: new Select(database, `SELECT ${groupColumns} FROM queue_group WHERE id = ?`, readGroup),
  }
}

/** Unambiguous, whatever characters the two hold. */
const nameKey = (account: string, name: string): string => `${account.length}:${account}${name}`
