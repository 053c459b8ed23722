import type { Delivery } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message } from '../../core/message.ts'
import type { Counts, GroupRecord } from '../../core/queue.ts'
import type { Deduplication, HistoryEntry, RetentionMark } from '../../core/store.ts'
import { outcomeCode, stateCode, toJson, typeCode } from '../shared/encoding.ts'
import { byteas, int2s, int4s, int8s, texts } from './binary.ts'
import { escapeNul } from './code-points.ts'
import type { Statement } from './flight.ts'
import type { DocumentRow, Overlay } from './overlay.ts'
import { hash64, keyHash } from './records.ts'
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
export const writeStatements = (options: Options): Statement[] => {
  const { overlay } = options
  return [
    ...endWrites(options),
    ...proofs(options),
    ...groupWrites(options),
    ...queueWrites(options),
    // In the order in which they are read, or a schema that is being changed would wait for us, and we for it.
    ...deliveryWrites(options, overlay.deliveries.changes()),
    ...messageWrites(options, overlay.messages.changes()),
    ...countWrites(options),
    ...dayWrites(options),
    ...deduplicationWrites(options, overlay.deduplications.changes()),
    ...markWrites(options, overlay.marks.changes()),
    ...historyWrites(options, overlay.histories.changes()),
    ...stepWrites(options, overlay.stepRows.changes()),
    ...documentWrites(options, overlay.documentRows.changes()),
  ]
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
  const come = [...changes.inserts, ...moved.map(({ value }) => value)]
  if (come.length > 0) {
    statements.push({
      text: `INSERT INTO ${schema}.message (queue_id, serial, position, sent_at, expires_at, priority, content_type,
          message_group, client_id, attributes, extra, body)
        SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int4[], $7::text[],
          $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[])`,
      values: [
        int8s(come.map(({ queueId }) => queueId)),
        int8s(come.map(({ serial }) => serial)),
        int8s(come.map(({ position }) => position)),
        int8s(come.map(({ sentAt }) => sentAt)),
        int8s(come.map(({ expiresAt }) => expiresAt)),
        int4s(come.map(({ priority }) => priority)),
        texts(come.map(({ contentType }) => contentType)),
        texts(come.map(({ messageGroup }) => messageGroup)),
        texts(come.map(({ extra }) => extra?.clientId ?? null)),
        texts(come.map(({ attributes }) => attributes)),
        texts(come.map(({ extra }) => toJson(extra))),
        byteas(come.map(({ body }) => body)),
      ],
    })
  }
  return statements
}

const deliveryFields = [
  ['queue_id', 'int8'],
  ['group_id', 'int4'],
  ['position', 'int8'],
  ['serial', 'int8'],
  ['urgency', 'int8'],
  ['rank', 'int8'],
  ['visible_at', 'int8'],
  ['modified_at', 'int8'],
  ['nonce', 'int8'],
  ['ready_group', 'int4'],
  ['receive_count', 'int4'],
  ['reprocess_count', 'int4'],
  ['state', 'int2'],
  ['type', 'int2'],
  ['due_at', 'int8'],
  ['first_received_at', 'int8'],
  ['message_group_hash', 'int8'],
  ['claim_hash', 'int8'],
  ['message_group', 'text'],
  ['claim_id', 'text'],
  ['detail', 'text'],
] as const
const fieldNames = deliveryFields.map(([name]) => name)
const fieldParameters = deliveryFields.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')

const deliveryValues = (queueOf: (groupId: number) => number, deliveries: readonly Delivery[]) => {
  const column = <Value>(read: (delivery: Delivery) => Value) => deliveries.map(read)
  return [
    int8s(column(({ groupId }) => queueOf(groupId))),
    int4s(column(({ groupId }) => groupId)),
    int8s(column(({ position }) => position)),
    int8s(column(({ serial }) => serial)),
    int8s(column(({ urgency }) => urgency)),
    int8s(column(({ rank }) => rank)),
    int8s(column(({ visibleAt }) => visibleAt)),
    int8s(column(({ modifiedAt }) => modifiedAt)),
    int8s(column(({ nonce }) => nonce)),
    int4s(column(({ state, groupId }) => (state === 'ready' ? groupId : null))),
    int4s(column(({ receiveCount }) => receiveCount)),
    int4s(column(({ reprocessCount }) => reprocessCount)),
    int2s(column(({ state }) => stateCode.number(state))),
    int2s(column(({ type }) => typeCode.number(type))),
    int8s(column(({ dueAt }) => dueAt)),
    int8s(column(({ firstReceivedAt }) => firstReceivedAt)),
    int8s(
      column(({ messageGroup, state }) =>
        messageGroup === null || state === 'finished' ? null : hash64(messageGroup),
      ),
    ),
    int8s(column(({ claimId }) => (claimId === null ? null : hash64(claimId)))),
    texts(column(({ messageGroup }) => messageGroup)),
    texts(column(({ claimId }) => claimId)),
    texts(column(({ detail }) => toJson(detail))),
  ]
}

const deliveryWrites = (
  { schema, overlay, stamp }: Options,
  { inserts, updates, deletes }: Changes<string, Delivery>,
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
    const before = deliveryFields.length + 1
    const statement = `UPDATE ${schema}.delivery d SET ${fieldNames
      .slice(3)
      .map((name) => `${name} = k.${name}`)
      .join(', ')}, stamp = $${before + 1}::int4
      FROM unnest(${fieldParameters}, $${before}::int4[]) AS k (${fieldNames.join(', ')}, stamp)
      WHERE d.queue_id = k.queue_id AND d.group_id = k.group_id AND d.position = k.position AND d.stamp = k.stamp`
    statements.push({
      text: exactly(updates.length, statement),
      values: [
        ...deliveryValues(
          queueOf,
          updates.map(({ value }) => value),
        ),
        int4s(updates.map(({ stamp: read }) => read)),
        stamp,
      ],
    })
  }
  if (inserts.length > 0) {
    statements.push({
      text: `INSERT INTO ${schema}.delivery (${fieldNames.join(', ')}, stamp)
        SELECT *, $${deliveryFields.length + 1}::int4 FROM unnest(${fieldParameters})`,
      values: [...deliveryValues(queueOf, inserts), stamp],
    })
  }
  return statements
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
    statements.push({
      text: `INSERT INTO ${schema}.history (serial, sent_at, queue_id, outcome, finished_at, first_received_at, receive_count,
          reprocess_count, detail)
        SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int2[], $5::int8[], $6::int8[], $7::int4[], $8::int4[], $9::text[])`,
      values: [
        int8s(come.map(({ serial }) => serial)),
        int8s(come.map(({ sentAt }) => sentAt)),
        int8s(come.map(({ queueId }) => queueId)),
        int2s(come.map(({ outcome }) => outcomeCode.number(outcome))),
        int8s(come.map(({ finishedAt }) => finishedAt)),
        int8s(come.map(({ firstReceivedAt }) => firstReceivedAt)),
        int4s(come.map(({ receiveCount }) => receiveCount)),
        int4s(come.map(({ reprocessCount }) => reprocessCount)),
        texts(come.map(({ detail }) => toJson(detail))),
      ],
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
