import type { GroupRecord } from '../../../core/queue.ts'
import { int4s, int8s } from '../binary.ts'
import { escapeNul } from '../code-points.ts'
import type { Statement } from '../flight.ts'
import type { OverlayState, StoredQueue } from '../overlay/state.ts'
import type { Writing } from './writing.ts'

export const queueWrites = ({ schema, overlay, stamp }: Writing): Statement[] => {
  const statements: Statement[] = []
  const changed = new Set<number>()
  for (const id of overlay.groupsWritten.keys()) {
    const queueId = overlay.placeOf(id)
    if (queueId !== undefined) changed.add(queueId)
  }
  for (const id of overlay.queuesWritten.keys()) changed.delete(id)
  for (const [id, queue] of overlay.queuesWritten) {
    if (queue) continue
    statements.push({ text: `DELETE FROM ${schema}.queue WHERE id = $1::int8`, values: [id] })
    statements.push({ text: `DELETE FROM ${schema}.queue_end WHERE queue_id = $1::int8`, values: [id] })
  }
  const renamed = [...overlay.queuesWritten.values()].flatMap((queue) =>
    queue && isRenamed(overlay, queue) ? [queue.id] : [],
  )
  if (renamed.length > 0) {
    // Two may have taken each other's names.
    statements.push({
      text: `UPDATE ${schema}.queue SET name = gen_random_uuid()::text WHERE id = ANY($1::int8[])`,
      values: [int8s(renamed)],
    })
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

const isRenamed = (overlay: OverlayState, { id, account, name }: StoredQueue): boolean => {
  const before = overlay.queueBase.get(id)?.record
  return before !== undefined && (before.name !== name || before.account !== account)
}

export const groupWrites = ({ schema, overlay }: Writing): Statement[] => {
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
