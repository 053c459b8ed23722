import type { Message } from '../../../core/message.ts'
import { toJson } from '../../sql/encoding.ts'
import { CopyRows } from '../copy-rows.ts'
import type { Statement } from '../flight.ts'
import { batches, givenChanges } from '../given-changes.ts'
import { givenRows } from '../given-rows.ts'
import type { Changes } from '../rows.ts'
import { exactly, type Writing } from './writing.ts'

export const messageWrites = ({ schema, overlay, scans }: Writing, changes: Changes<number, Message>): Statement[] => {
  const statements: Statement[] = []
  const before = (serial: number) => overlay.messages.loaded.get(serial)?.value as Message
  const stays = ({ value }: { value: Message }) => isStillIt(before(value.serial), value)
  const stayed = changes.updates.filter(stays)
  const come = changes.updates.filter((update) => !stays(update)).map(({ value }) => value)
  const gone = [...changes.deletes.map(({ value }) => value), ...come.map(({ serial }) => before(serial))]
  gone.sort((a, b) => a.queueId - b.queueId || a.serial - b.serial)
  for (const batch of batches(gone, (a, b) => a.queueId === b.queueId, scans)) {
    const { from, where, values } = givenChanges(batch, {
      place: { queue_id: ['int8', ({ queueId }) => queueId] },
      key: ['serial', ({ serial }) => serial],
    })
    const statement = `DELETE FROM ${schema}.message t ${from ? `USING ${from}` : ''} WHERE ${where}`
    statements.push({ text: exactly(batch.items.length, statement), values })
  }
  if (stayed.length > 0) {
    const messages = stayed.map(({ value }) => value).sort((a, b) => a.queueId - b.queueId || a.serial - b.serial)
    const { from, values } = givenRows(messages, {
      q: ['int8', ({ queueId }) => queueId],
      s: ['int8', ({ serial }) => serial],
      p: ['int8', ({ position }) => position],
      e: ['int8', ({ expiresAt }) => expiresAt],
    })
    const statement = `UPDATE ${schema}.message m SET position = k.p, expires_at = k.e FROM ${from}
      WHERE m.queue_id = k.q AND m.serial = k.s`
    statements.push({ text: exactly(messages.length, statement), values })
  }
  return [...statements, ...copied(schema, come)]
}

/** Where it is and when it expires may have changed; else it is in another queue, or was removed, and another took its serial. */
const isStillIt = (before: Message, after: Message): boolean =>
  before.queueId === after.queueId &&
  before.body === after.body &&
  before.extra === after.extra &&
  before.attributes === after.attributes &&
  before.sentAt === after.sentAt &&
  before.priority === after.priority &&
  before.contentType === after.contentType &&
  before.messageGroup === after.messageGroup

/**
 * The new ones alone, which nobody else can insert. One that comes from another queue waits for its delivery to be this transaction's: if two
 * inserted it, that whose turn is first would wait for the row of the one that waits for its turn.
 */
export const messageInserts = ({ schema }: Writing, changes: Changes<number, Message>): Statement[] =>
  copied(schema, changes.inserts)

const copied = (schema: string, come: readonly Message[]): Statement[] => {
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
