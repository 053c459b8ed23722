import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Millis } from '../../../core/clock.ts'
import type { Message, MessageExtra } from '../../../core/message.ts'
import { fromJson, toJson } from '../../sql/encoding.ts'
import { MultiDelete, MultiInsert, type Row, Select } from '../database.ts'

export const messageColumns = [
  'serial',
  'sent_at',
  'queue_id',
  'position',
  'expires_at',
  'priority',
  'content_type',
  'message_group',
  'attributes',
  'extra',
  'body',
] as const

/** Reads a message from `messageColumns`, which begin at `start` in the row. */
export const readMessage = (row: Row, start = 0): Message => ({
  serial: row[start] as number,
  sentAt: row[start + 1] as number,
  queueId: row[start + 2] as number,
  position: row[start + 3] as number,
  expiresAt: row[start + 4] as number | null,
  priority: row[start + 5] as number,
  body: row[start + 10] as Uint8Array,
  contentType: row[start + 6] as string | null,
  messageGroup: row[start + 7] as string | null,
  attributes: row[start + 8] as string | null,
  extra: fromJson<MessageExtra>(row[start + 9] as string | null),
})

const bindMessage = (message: Message, into: SQLInputValue[]): void => {
  into.push(
    message.serial,
    message.sentAt,
    message.queueId,
    message.position,
    message.expiresAt,
    message.priority,
    message.contentType,
    message.messageGroup,
    message.attributes,
    toJson(message.extra),
    message.body,
  )
}

/** Beyond this, what waits to be written is written at once, so that one transaction's messages never fill the memory. */
const maxWaitingBytes = 8 * 2 ** 20
/** Of the bodies bound to one statement, which keeps a copy until it is used again. */
const maxStatementBytes = 2 ** 20

export class Messages {
  readonly #insert: MultiInsert<Message>
  readonly #delete: MultiDelete
  readonly #select: Select<Message>
  readonly #move: StatementSync
  readonly #inserts = new Map<number, Message>()
  readonly #removals = new Set<number>()
  #insertBytes = 0

  constructor(database: DatabaseSync) {
    this.#insert = new MultiInsert(database, 'INSERT INTO message', messageColumns, bindMessage)
    this.#delete = new MultiDelete(database, 'DELETE FROM message WHERE serial')
    this.#select = new Select(
      database,
      `SELECT ${messageColumns.join(', ')} FROM message WHERE serial = ?`,
      readMessage,
    )
    this.#move = database.prepare('UPDATE message SET queue_id = ?, position = ?, expires_at = ? WHERE serial = ?')
  }

  get(serial: number): Message | undefined {
    const waiting = this.#inserts.get(serial)
    if (waiting) return waiting
    if (this.#removals.size > 0) this.#flushRemovals()
    return this.#select.one(serial)
  }

  /** One that was inserted and is not written yet. */
  waiting(serial: number): Message | undefined {
    return this.#inserts.get(serial)
  }

  insert(message: Message): void {
    if (this.#removals.has(message.serial)) this.#flushRemovals()
    this.#inserts.set(message.serial, message)
    this.#insertBytes += message.body.length
    if (this.#insertBytes > maxWaitingBytes) this.flushInserts()
  }

  move(serial: number, queueId: number, position: number, expiresAt: Millis | null): void {
    const waiting = this.#inserts.get(serial)
    if (waiting) this.#inserts.set(serial, { ...waiting, queueId, position, expiresAt })
    else this.#move.run(queueId, position, expiresAt, serial)
  }

  remove(serial: number): void {
    if (!this.#inserts.delete(serial)) this.#removals.add(serial)
  }

  /** Whatever joins messages needs those that are new; those that are going have no deliveries any more. */
  flushInserts(): void {
    if (this.#inserts.size === 0) return
    const messages = [...this.#inserts.values()]
    const averageBytes = this.#insertBytes / messages.length + 1
    this.#inserts.clear()
    this.#insertBytes = 0
    this.#insert.run(messages, Math.max(1, Math.floor(maxStatementBytes / averageBytes)))
  }

  flush(): void {
    this.flushInserts()
    if (this.#removals.size > 0) this.#flushRemovals()
  }

  forget(): void {
    this.#inserts.clear()
    this.#insertBytes = 0
    this.#removals.clear()
  }

  #flushRemovals(): void {
    const serials = [...this.#removals]
    this.#removals.clear()
    this.#delete.run(serials)
  }
}
