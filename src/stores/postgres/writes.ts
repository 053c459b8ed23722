import type { Delivery } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message } from '../../core/message.ts'
import type { Counts, GroupRecord } from '../../core/queue.ts'
import type { Deduplication, HistoryEntry, RetentionMark } from '../../core/store.ts'
import { outcomeCode, toJson } from '../shared/encoding.ts'
import { byteas, int4s, int8s, texts } from './binary.ts'
import { escapeNul } from './code-points.ts'
import { CopyRows } from './copy-rows.ts'
import { copyDelivery, deliveryColumnNames, differences } from './delivery-columns.ts'
import type { Statement } from './flight.ts'
import { type DocumentRow, itemKey, type Overlay } from './overlay.ts'
import { keyHash } from './records.ts'
import type { Changes } from './rows.ts'

interface Options {
  readonly schema: string
  readonly overlay: Overlay
  /** Drawn for this transaction. */
  readonly stamp: number
  /** Which rows of counts it adds to. */
  readonly lane: number
}

/**
 * All that a transaction wrote, in few set-based statements. What it relied on having read is compared by its stamp: when it is
 * another one by now, the statement fails (division by zero) and nothing is written.
 */
export const writeStatements = (options: Options): { inserts: Statement[]; statements: Statement[] } => {
  const { overlay } = options
  const deliveries = overlay.deliveries.changes()
  const messages = overlay.messages.changes()
  const statements = [
    ...endWrites(options),
    ...proofs(options),
    ...groupWrites(options),
    ...queueWrites(options),
    // In the order in which they are read, or a schema that is being changed would wait for us, and we for it.
    ...deliveryWrites(options, deliveries),
    ...messageWrites(options, messages),
    ...countWrites(options),
    ...dayWrites(options),
    ...deduplicationWrites(options, overlay.deduplications.changes()),
    ...markWrites(options, overlay.marks.changes()),
    ...historyWrites(options, overlay.histories.changes()),
    ...stepWrites(options, overlay.stepRows.changes()),
    ...documentWrites(options, overlay.documentRows.changes()),
  ]
  return { inserts: [...deliveryInserts(options, deliveries), ...messageInserts(options, messages)], statements }
}

/** Fails unless the statement, which returns a row for each one it changed, changed so many. */
const exactly = (count: number, statement: string): string =>
  `WITH changed AS (${statement} RETURNING 1) SELECT 1 / (count(*) = ${count})::int FROM changed`

// ---- what was taken for granted --------------------------------------------------------------------------------------

/** Moves the ends of queues, and takes these for this transaction alone; fails where somebody has taken later positions. */
const endWrites = ({ schema, overlay }: Options): Statement[] => {
  const moved = [...overlay.taken].filter(([id]) => overlay.ahead.has(id) || overlay.endBase.has(id))
  if (moved.length === 0) return []
  moved.sort(([a], [b]) => a - b)
  const statement = `UPDATE ${schema}.queue_end e SET position = k.l FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS k (q, f, l)
    WHERE e.queue_id = k.q AND e.position < k.f`
  return [
    {
      text: exactly(moved.length, statement),
      values: [
        int8s(moved.map(([id]) => id)),
        int8s(moved.map(([, { first }]) => first)),
        int8s(moved.map(([, { last }]) => last)),
      ],
    },
  ]
}

const proofs = ({ schema, overlay }: Options): Statement[] => {
  const statements: Statement[] = []
  const queues = [...new Set([...overlay.needs.unverified, ...overlay.ahead])]
  if (queues.length > 0) {
    statements.push({
      text: `SELECT 1 / (count(*) = ${queues.length})::int FROM unnest($1::int8[], $2::int4[]) AS k (q, v)
        JOIN ${schema}.queue q ON q.id = k.q AND q.version = k.v`,
      values: [int8s(queues), int4s(queues.map((id) => overlay.queueBase.get(id)?.version ?? 0))],
    })
  }
  const marks = [...overlay.assumedMarks]
  if (marks.length > 0) {
    statements.push({
      text: `SELECT 1 / (count(*) = ${marks.length})::int FROM ${schema}.retention_mark WHERE queue_id = ANY($1::int8[])`,
      values: [int8s(marks)],
    })
  }
  // Those that are written are checked as they are written.
  const items = [...overlay.assumedItems].flatMap(([key, stamp]) => {
    const delivery = overlay.deliveries.written.has(key) ? undefined : overlay.deliveries.loaded.get(key)?.value
    return delivery ? [{ ...delivery, stamp, queueId: overlay.placeOf(delivery.groupId) ?? 0 }] : []
  })
  if (items.length > 0) {
    statements.push({
      text: `SELECT 1 / (count(*) = ${items.length})::int
        FROM unnest($1::int8[], $2::int4[], $3::int8[], $4::int4[]) AS k (q, g, p, s)
        JOIN ${schema}.delivery d ON d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`,
      values: [
        int8s(items.map(({ queueId }) => queueId)),
        int4s(items.map(({ groupId }) => groupId)),
        int8s(items.map(({ position }) => position)),
        int4s(items.map(({ stamp }) => stamp)),
      ],
    })
  }
  return statements
}

// ---- queues and groups ----------------------------------------------------------------------------------------------

const queueWrites = ({ schema, overlay, stamp }: Options): Statement[] => {
  const statements: Statement[] = []
  const changed = new Set<number>()
  for (const group of overlay.groupsWritten.values()) if (group) changed.add(group.queueId)
  for (const [id, group] of overlay.groupsWritten) {
    const before = overlay.groupBase.get(id)
    if (!group && before) changed.add(before.queueId)
  }
  for (const id of overlay.queuesWritten.keys()) changed.delete(id)
  for (const [id, queue] of overlay.queuesWritten) {
    if (queue) continue
    statements.push({ text: `DELETE FROM ${schema}.queue WHERE id = $1::int8`, values: [id] })
    statements.push({ text: `DELETE FROM ${schema}.queue_end WHERE queue_id = $1::int8`, values: [id] })
  }
  for (const queue of overlay.queuesWritten.values()) {
    if (!queue) continue
    const { id, account, name, explicit, createdAt, modifiedAt, settings } = queue
    statements.push({
      text: `INSERT INTO ${schema}.queue (id, account, name, explicit, created_at, modified_at, settings, version)
        VALUES ($1::int8, $2::text, $3::text, $4::boolean, $5::int8, $6::int8, $7::text, $8::int4)
        ON CONFLICT (id) DO UPDATE SET account = excluded.account, name = excluded.name, explicit = excluded.explicit,
          created_at = excluded.created_at, modified_at = excluded.modified_at, settings = excluded.settings,
          version = excluded.version`,
      values: [id, account, escapeNul(name), explicit, createdAt, modifiedAt, JSON.stringify(settings), stamp],
    })
    if (overlay.queueBase.get(id)?.record) continue
    statements.push({
      text: `INSERT INTO ${schema}.queue_end (queue_id, position) VALUES ($1::int8, $2::int8) ON CONFLICT DO NOTHING`,
      values: [id, overlay.taken.get(id)?.last ?? 0],
    })
  }
  if (changed.size > 0) {
    statements.push({
      text: `UPDATE ${schema}.queue SET version = $2::int4 WHERE id = ANY($1::int8[])`,
      values: [int8s([...changed]), stamp],
    })
  }
  return statements
}

const groupWrites = ({ schema, overlay }: Options): Statement[] => {
  const statements: Statement[] = []
  const removed = [...overlay.groupsWritten].filter(([, group]) => !group).map(([id]) => id)
  if (removed.length > 0) {
    statements.push({ text: `DELETE FROM ${schema}.queue_group WHERE id = ANY($1::int4[])`, values: [int4s(removed)] })
  }
  for (const group of overlay.groupsWritten.values()) if (group) statements.push(groupWrite(schema, group))
  return statements
}

const groupWrite = (schema: string, group: GroupRecord): Statement => {
  const { id, queueId, kind, name, createdAt, deadLettersOf, backfillFrom, backfillTo, door, ...more } = group
  return {
    text: `INSERT INTO ${schema}.queue_group (queue_id, id, kind, name, created_at, dead_letters_of, backfill_from, backfill_to, door, more)
      VALUES ($1::int8, $2::int4, $3::text, $4::text, $5::int8, $6::int4, $7::int8, $8::int8, $9::text, $10::text)
      ON CONFLICT (queue_id, id) DO UPDATE SET kind = excluded.kind, name = excluded.name, created_at = excluded.created_at,
        dead_letters_of = excluded.dead_letters_of, backfill_from = excluded.backfill_from,
        backfill_to = excluded.backfill_to, door = excluded.door, more = excluded.more`,
    values: [
      queueId,
      id,
      kind,
      name,
      createdAt,
      deadLettersOf,
      backfillFrom,
      backfillTo,
      JSON.stringify(door),
      Object.keys(more).length === 0 ? null : JSON.stringify(more),
    ],
  }
}

export const countNames = [
  'ready',
  'behind',
  'delayed',
  'leased',
  'reprocessing',
  'processed',
  'errored',
  'filtered',
  'shelved',
  'done',
] as const satisfies readonly (keyof Counts)[]

const countWrites = ({ schema, overlay, lane }: Options): Statement[] => {
  const statements: Statement[] = []
  if (overlay.countsRemoved.size > 0) {
    const groups = [...overlay.countsRemoved].flatMap((id) => {
      const queueId = overlay.placeOf(id)
      return queueId === undefined ? [] : [{ id, queueId }]
    })
    statements.push({
      text: `DELETE FROM ${schema}.group_count c USING unnest($1::int8[], $2::int4[]) AS k (q, g)
        WHERE c.queue_id = k.q AND c.group_id = k.g`,
      values: [int8s(groups.map(({ queueId }) => queueId)), int4s(groups.map(({ id }) => id))],
    })
  }
  const added = [...overlay.countDifferences]
    .filter(([, counts]) => countNames.some((name) => counts[name] !== 0))
    .map(([groupId, counts]) => ({ groupId, queueId: overlay.placeOf(groupId) ?? 0, counts }))
    .sort((a, b) => a.queueId - b.queueId || a.groupId - b.groupId)
  if (added.length === 0) return statements
  statements.push({
    text: `INSERT INTO ${schema}.group_count AS c (queue_id, group_id, lane, ${countNames.join(', ')})
      SELECT q, g, $13::int2, ${countNames.map((_, i) => `n${i}`).join(', ')}
      FROM unnest($1::int8[], $2::int4[], ${countNames.map((_, i) => `$${i + 3}::int8[]`).join(', ')})
        AS k (q, g, ${countNames.map((_, i) => `n${i}`).join(', ')})
      ON CONFLICT (queue_id, group_id, lane) DO UPDATE SET
        ${countNames.map((name) => `${name} = c.${name} + excluded.${name}`).join(', ')}`,
    values: [
      int8s(added.map(({ queueId }) => queueId)),
      int4s(added.map(({ groupId }) => groupId)),
      ...countNames.map((name) => int8s(added.map(({ counts }) => counts[name]))),
      lane,
    ],
  })
  return statements
}

const dayWrites = ({ schema, overlay, lane }: Options): Statement[] => {
  const statements: Statement[] = []
  const queueOf = ({ groupId }: { groupId: number }) => overlay.placeOf(groupId) ?? 0
  const removed = [...overlay.daysRemoved.values()]
  if (removed.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.count_of_day c USING unnest($1::int4[], $2::int4[]) AS k (d, g)
        WHERE c.day = k.d AND c.group_id = k.g`,
      values: [int4s(removed.map(({ day }) => day)), int4s(removed.map(({ groupId }) => groupId))],
    })
  }
  const groups = [...overlay.countsRemoved].map((groupId) => ({ groupId }))
  if (groups.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.count_of_day c USING unnest($1::int8[], $2::int4[]) AS k (q, g)
        WHERE c.queue_id = k.q AND c.group_id = k.g`,
      values: [int8s(groups.map(queueOf)), int4s(groups.map(({ groupId }) => groupId))],
    })
  }
  const added = [...overlay.dayDifferences.values()].sort(
    (a, b) => queueOf(a) - queueOf(b) || a.groupId - b.groupId || a.day - b.day,
  )
  if (added.length > 0) {
    statements.push({
      text: `INSERT INTO ${schema}.count_of_day AS c (queue_id, group_id, day, lane, processed, errored, filtered)
        SELECT q, g, d, $7::int2, p, e, f FROM unnest($1::int8[], $2::int4[], $3::int4[], $4::int8[], $5::int8[], $6::int8[])
          AS k (q, g, d, p, e, f)
        ON CONFLICT (queue_id, group_id, day, lane) DO UPDATE SET processed = c.processed + excluded.processed,
          errored = c.errored + excluded.errored, filtered = c.filtered + excluded.filtered`,
      values: [
        int8s(added.map(queueOf)),
        int4s(added.map(({ groupId }) => groupId)),
        int4s(added.map(({ day }) => day)),
        int8s(added.map(({ processed }) => processed)),
        int8s(added.map(({ errored }) => errored)),
        int8s(added.map(({ filtered }) => filtered)),
        lane,
      ],
    })
  }
  return statements
}

// ---- messages and deliveries ----------------------------------------------------------------------------------------

const messageWrites = ({ schema, overlay }: Options, changes: Changes<number, Message>): Statement[] => {
  const statements: Statement[] = []
  const before = (serial: number) => overlay.messages.loaded.get(serial)?.value as Message
  const moved = changes.updates.filter(({ value }) => value.queueId !== before(value.serial).queueId)
  const stayed = changes.updates.filter(({ value }) => value.queueId === before(value.serial).queueId)
  const gone = [...changes.deletes.map(({ value }) => value), ...moved.map(({ value }) => before(value.serial))]
  if (gone.length > 0) {
    gone.sort((a, b) => a.queueId - b.queueId || a.serial - b.serial)
    const statement = `DELETE FROM ${schema}.message m USING unnest($1::int8[], $2::int8[]) AS k (q, s)
      WHERE m.queue_id = k.q AND m.serial = k.s`
    statements.push({
      text: exactly(gone.length, statement),
      values: [int8s(gone.map(({ queueId }) => queueId)), int8s(gone.map(({ serial }) => serial))],
    })
  }
  if (stayed.length > 0) {
    const messages = stayed.map(({ value }) => value).sort((a, b) => a.queueId - b.queueId || a.serial - b.serial)
    const statement = `UPDATE ${schema}.message m SET position = k.p, expires_at = k.e
      FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) AS k (q, s, p, e)
      WHERE m.queue_id = k.q AND m.serial = k.s`
    statements.push({
      text: exactly(messages.length, statement),
      values: [
        int8s(messages.map(({ queueId }) => queueId)),
        int8s(messages.map(({ serial }) => serial)),
        int8s(messages.map(({ position }) => position)),
        int8s(messages.map(({ expiresAt }) => expiresAt)),
      ],
    })
  }
  return statements
}

/** Those that are new, or came from another queue. */
const messageInserts = ({ schema, overlay }: Options, changes: Changes<number, Message>): Statement[] => {
  const isMoved = ({ serial, queueId }: Message) => queueId !== overlay.messages.loaded.get(serial)?.value?.queueId
  const come = [...changes.inserts, ...changes.updates.map(({ value }) => value).filter(isMoved)]
  if (come.length === 0) return []
  const rows = new CopyRows(
    12,
    come.reduce((bytes, { body }) => bytes + body.byteLength + 160, 0),
  )
  for (const message of come) {
    rows.row()
    rows.int8(message.queueId)
    rows.int8(message.serial)
    rows.int8(message.position)
    rows.int8(message.sentAt)
    rows.int8(message.expiresAt)
    rows.int4(message.priority)
    rows.text(message.contentType)
    rows.text(message.messageGroup)
    rows.text(message.extra?.clientId ?? null)
    rows.text(message.attributes)
    rows.text(toJson(message.extra))
    rows.bytes(message.body)
  }
  return [
    {
      text: `COPY ${schema}.message (queue_id, serial, position, sent_at, expires_at, priority, content_type,
        message_group, client_id, attributes, extra, body) FROM STDIN (FORMAT binary)`,
      copy: rows.finish(),
    },
  ]
}

const deliveryWrites = (
  { schema, overlay, stamp }: Options,
  { updates, deletes }: Changes<string, Delivery>,
): Statement[] => {
  const statements: Statement[] = []
  const queueOf = (groupId: number) => overlay.placeOf(groupId) ?? 0
  const inOrder = (a: { value: Delivery }, b: { value: Delivery }) =>
    queueOf(a.value.groupId) - queueOf(b.value.groupId) ||
    a.value.groupId - b.value.groupId ||
    a.value.position - b.value.position
  if (deletes.length > 0) {
    deletes.sort(inOrder)
    const statement = `DELETE FROM ${schema}.delivery d USING unnest($1::int8[], $2::int4[], $3::int8[], $4::int4[]) AS k (q, g, p, s)
      WHERE d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`
    statements.push({
      text: exactly(deletes.length, statement),
      values: [
        int8s(deletes.map(({ value }) => queueOf(value.groupId))),
        int4s(deletes.map(({ value }) => value.groupId)),
        int8s(deletes.map(({ value }) => value.position)),
        int4s(deletes.map(({ stamp: read }) => read)),
      ],
    })
  }
  if (updates.length > 0) {
    updates.sort(inOrder)
    const changed = differences(
      updates.map(({ value }) => ({
        before: overlay.deliveries.loaded.get(itemKey(value.groupId, value.position))?.value as Delivery,
        after: value,
      })),
    )
    const sets = changed.map(({ name }) => `${name} = k.${name}, `).join('')
    const statement = `UPDATE ${schema}.delivery d SET ${sets}stamp = $1::int4
      FROM unnest($2::int8[], $3::int4[], $4::int8[], $5::int4[]${changed.map(({ type }, i) => `, $${i + 6}::${type}[]`).join('')})
        AS k (q, g, p, s${changed.map(({ name }) => `, ${name}`).join('')})
      WHERE d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`
    statements.push({
      text: exactly(updates.length, statement),
      values: [
        stamp,
        int8s(updates.map(({ value }) => queueOf(value.groupId))),
        int4s(updates.map(({ value }) => value.groupId)),
        int8s(updates.map(({ value }) => value.position)),
        int4s(updates.map(({ stamp: read }) => read)),
        ...changed.map(({ values }) => values),
      ],
    })
  }
  return statements
}

const deliveryInserts = ({ schema, overlay, stamp }: Options, { inserts }: Changes<string, Delivery>): Statement[] => {
  if (inserts.length === 0) return []
  const queueOf = (groupId: number) => overlay.placeOf(groupId) ?? 0
  const rows = new CopyRows(deliveryColumnNames.length, 220 * inserts.length)
  for (const delivery of inserts) copyDelivery(rows, queueOf(delivery.groupId), delivery, stamp)
  return [
    {
      text: `COPY ${schema}.delivery (${deliveryColumnNames.join(', ')}) FROM STDIN (FORMAT binary)`,
      copy: rows.finish(),
    },
  ]
}

// ---- everything else ------------------------------------------------------------------------------------------------

const deduplicationWrites = (
  { schema, overlay, stamp }: Options,
  { inserts, updates, deletes, puts }: Changes<string, Deduplication>,
): Statement[] => {
  const statements: Statement[] = []
  const queueOf = (groupId: number) => overlay.placeOf(groupId) ?? 0
  const gone = [...deletes, ...updates.map(({ value, stamp: read }) => ({ value, stamp: read }))]
  if (gone.length > 0) {
    const statement = `DELETE FROM ${schema}.deduplication e USING unnest($1::int8[], $2::int4[], $3::bytea[], $4::int4[]) AS k (q, g, h, s)
      WHERE e.queue_id = k.q AND e.group_id = k.g AND e.key_hash = k.h AND e.stamp = k.s`
    statements.push({
      text: exactly(gone.length, statement),
      values: [
        int8s(gone.map(({ value }) => queueOf(value.groupId))),
        int4s(gone.map(({ value }) => value.groupId)),
        byteas(gone.map(({ value }) => keyHash(value.key))),
        int4s(gone.map(({ stamp: read }) => read)),
      ],
    })
  }
  for (const [entries, conflict] of [
    [[...inserts, ...updates.map(({ value }) => value)], ''],
    [
      puts,
      `ON CONFLICT (queue_id, group_id, key_hash) DO UPDATE SET serial = excluded.serial, count = excluded.count,
        sent_at = excluded.sent_at, position = excluded.position, expires_at = excluded.expires_at,
        digest = excluded.digest, stamp = excluded.stamp`,
    ],
  ] as const) {
    if (entries.length === 0) continue
    statements.push({
      text: `INSERT INTO ${schema}.deduplication (queue_id, group_id, key_hash, key, serial, count, sent_at, position, expires_at, digest, stamp)
        SELECT *, $11::int4 FROM unnest($1::int8[], $2::int4[], $3::bytea[], $4::text[], $5::int8[], $6::int4[], $7::int8[], $8::int8[],
          $9::int8[], $10::text[]) ${conflict}`,
      values: [
        int8s(entries.map(({ groupId }) => queueOf(groupId))),
        int4s(entries.map(({ groupId }) => groupId)),
        byteas(entries.map(({ key }) => keyHash(key))),
        texts(entries.map(({ key }) => key)),
        int8s(entries.map(({ serial }) => serial)),
        int4s(entries.map(({ count }) => count)),
        int8s(entries.map(({ sentAt }) => sentAt)),
        int8s(entries.map(({ position }) => position)),
        int8s(entries.map(({ expiresAt }) => expiresAt)),
        texts(entries.map(({ digest }) => digest)),
        stamp,
      ],
    })
  }
  return statements
}

const markWrites = (
  { schema, stamp }: Options,
  { inserts, updates, deletes, puts, blindDeletes }: Changes<number, RetentionMark>,
): Statement[] => {
  const statements: Statement[] = []
  if (blindDeletes.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.retention_mark WHERE queue_id = ANY($1::int8[])`,
      values: [int8s(blindDeletes)],
    })
  }
  const gone = [
    ...deletes.map(({ key, stamp: read }) => ({ key, read })),
    ...updates.map(({ value, stamp: read }) => ({ key: value.queueId, read })),
  ]
  if (gone.length > 0) {
    const statement = `DELETE FROM ${schema}.retention_mark r USING unnest($1::int8[], $2::int4[]) AS k (q, s)
      WHERE r.queue_id = k.q AND r.stamp = k.s`
    statements.push({
      text: exactly(gone.length, statement),
      values: [int8s(gone.map(({ key }) => key)), int4s(gone.map(({ read }) => read))],
    })
  }
  for (const [marks, conflict] of [
    [[...inserts, ...updates.map(({ value }) => value)], ''],
    [
      puts,
      'ON CONFLICT (queue_id) DO UPDATE SET check_at = excluded.check_at, cursor = excluded.cursor, stamp = excluded.stamp',
    ],
  ] as const) {
    if (marks.length === 0) continue
    statements.push({
      text: `INSERT INTO ${schema}.retention_mark (queue_id, check_at, cursor, stamp)
        SELECT *, $4::int4 FROM unnest($1::int8[], $2::int8[], $3::int8[]) ${conflict}`,
      values: [
        int8s(marks.map(({ queueId }) => queueId)),
        int8s(marks.map(({ checkAt }) => checkAt)),
        int8s(marks.map(({ cursor }) => cursor)),
        stamp,
      ],
    })
  }
  return statements
}

const historyWrites = (
  { schema }: Options,
  { inserts, updates, deletes, puts, blindDeletes }: Changes<number, HistoryEntry>,
): Statement[] => {
  const statements: Statement[] = []
  const come = [...inserts, ...updates.map(({ value }) => value), ...puts]
  // An entry that is put takes the place of an earlier one.
  const gone = [
    ...deletes.map(({ key }) => key),
    ...blindDeletes,
    ...updates.map(({ value }) => value.serial),
    ...puts.map(({ serial }) => serial),
  ]
  if (gone.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.history WHERE serial = ANY($1::int8[])`,
      values: [int8s(gone.sort((a, b) => a - b))],
    })
  }
  if (come.length > 0) {
    const rows = new CopyRows(9, 120 * come.length)
    for (const entry of come) {
      rows.row()
      rows.int8(entry.queueId)
      rows.int8(entry.serial)
      rows.int8(entry.sentAt)
      rows.int8(entry.finishedAt)
      rows.int8(entry.firstReceivedAt)
      rows.int4(entry.receiveCount)
      rows.int4(entry.reprocessCount)
      rows.int2(outcomeCode.number(entry.outcome))
      rows.text(toJson(entry.detail))
    }
    statements.push({
      text: `COPY ${schema}.history (queue_id, serial, sent_at, finished_at, first_received_at, receive_count, reprocess_count,
        outcome, detail) FROM STDIN (FORMAT binary)`,
      copy: rows.finish(),
    })
  }
  return statements
}

const stepWrites = (
  { schema, stamp }: Options,
  { inserts, updates, deletes, puts }: Changes<string, StepsRecord>,
): Statement[] => {
  const statements: Statement[] = []
  const gone = [...deletes, ...updates]
  if (gone.length > 0) {
    gone.sort((a, b) => a.value.queueId - b.value.queueId || a.value.serial - b.value.serial)
    const statement = `DELETE FROM ${schema}.step s USING unnest($1::int8[], $2::int8[], $3::int4[]) AS k (q, n, s)
      WHERE s.queue_id = k.q AND s.serial = k.n AND s.stamp = k.s`
    statements.push({
      text: exactly(gone.length, statement),
      values: [
        int8s(gone.map(({ value }) => value.queueId)),
        int8s(gone.map(({ value }) => value.serial)),
        int4s(gone.map(({ stamp: read }) => read)),
      ],
    })
  }
  for (const [records, conflict] of [
    [[...inserts, ...updates.map(({ value }) => value)], ''],
    [
      puts,
      'ON CONFLICT (queue_id, serial) DO UPDATE SET lines = excluded.lines, omitted = excluded.omitted, stamp = excluded.stamp',
    ],
  ] as const) {
    if (records.length === 0) continue
    statements.push({
      text: `INSERT INTO ${schema}.step (queue_id, serial, lines, omitted, stamp)
        SELECT *, $5::int4 FROM unnest($1::int8[], $2::int8[], $3::text[], $4::int8[]) ${conflict}`,
      values: [
        int8s(records.map(({ queueId }) => queueId)),
        int8s(records.map(({ serial }) => serial)),
        texts(records.map(({ lines }) => JSON.stringify(lines))),
        int8s(records.map(({ omitted }) => omitted)),
        stamp,
      ],
    })
  }
  return statements
}

const documentWrites = (
  { schema, overlay, stamp }: Options,
  { inserts, updates, deletes, puts }: Changes<string, DocumentRow>,
): Statement[] => {
  const statements: Statement[] = []
  if (deletes.length > 0) {
    const statement = `DELETE FROM ${schema}.document o USING unnest($1::text[], $2::text[], $3::int4[]) AS k (c, k, s)
      WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C" AND o.stamp = k.s`
    deletes.sort((a, b) => (a.key < b.key ? -1 : 1))
    statements.push({
      text: exactly(deletes.length, statement),
      values: [
        texts(deletes.map(({ value }) => value.collection)),
        texts(deletes.map(({ value }) => value.key)),
        int4s(deletes.map(({ stamp: read }) => read)),
      ],
    })
  }
  const unread = [...overlay.documentsRemovedUnread()]
  if (unread.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.document o USING unnest($1::text[], $2::text[]) AS k (c, k)
        WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C"`,
      values: [texts(unread.map(({ collection }) => collection)), texts(unread.map(({ key }) => key))],
    })
  }
  if (updates.length > 0) {
    updates.sort((a, b) => (documentOrder(a.value) < documentOrder(b.value) ? -1 : 1))
    const statement = `UPDATE ${schema}.document o SET value = k.v, expires_at = k.e, stamp = $6::int4
      FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::int4[]) AS k (c, k, v, e, s)
      WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C" AND o.stamp = k.s`
    statements.push({
      text: exactly(updates.length, statement),
      values: [
        ...documentValues(updates.map(({ value }) => value)),
        int4s(updates.map(({ stamp: read }) => read)),
        stamp,
      ],
    })
  }
  for (const [documents, conflict] of [
    [inserts, ''],
    [
      puts,
      `ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at,
        stamp = excluded.stamp`,
    ],
  ] as const) {
    if (documents.length === 0) continue
    documents.sort((a, b) => (documentOrder(a) < documentOrder(b) ? -1 : 1))
    statements.push({
      text: `INSERT INTO ${schema}.document (collection, key, value, expires_at, stamp)
        SELECT *, $5::int4 FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[]) ${conflict}`,
      values: [...documentValues(documents), stamp],
    })
  }
  return statements
}

const documentOrder = ({ collection, key }: DocumentRow): string => `${collection}\n${key}`

const documentValues = (documents: readonly DocumentRow[]) => [
  texts(documents.map(({ collection }) => collection)),
  texts(documents.map(({ key }) => key)),
  texts(documents.map(({ json }) => json)),
  int8s(documents.map(({ expiresAt }) => expiresAt)),
]
