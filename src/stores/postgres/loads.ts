import type { DeliveryType } from '../../core/delivery.ts'
import type { Message } from '../../core/message.ts'
import { noCounts } from '../../core/queue.ts'
import type { ScanQuery, SearchQuery } from '../../core/store.ts'
import { afterPrefix, stateCode, typeCode } from '../shared/encoding.ts'
import { byteas, int2s, int4s, int8s, texts } from './binary.ts'
import { escapeNul } from './code-points.ts'
import type { Parameter, Row, Statement } from './flight.ts'
import { type KnownQueues, nameKey } from './known-queues.ts'
import type { Needs, RangeNeed } from './needs.ts'
import type { NumberBlocks } from './number-blocks.ts'
import {
  Conflict,
  dayKey,
  deduplicationKey,
  documentKey,
  itemKey,
  messageGroupKey,
  type Overlay,
  rangeKey,
  stepKey,
} from './overlay.ts'
import type { QueueEnds } from './queue-ends.ts'
import type { RecentItems } from './recent-items.ts'
import {
  deduplicationColumns,
  deliveryColumns,
  deliveryWidth,
  documentColumns,
  groupColumns,
  hash64,
  historyColumns,
  keyHash,
  markColumns,
  messageColumns,
  messageColumnsNotKnown,
  queueColumns,
  readDeduplication,
  readDelivery,
  readDocument,
  readGroup,
  readHistory,
  readMark,
  readMessage,
  readQueue,
  readSteps,
  stepColumns,
} from './records.ts'

/** Turns what units need into few statements, and puts what they give under an overlay. */
export class Loads {
  readonly #schema: string
  readonly #known: KnownQueues
  readonly #blocks: NumberBlocks
  readonly #ends: QueueEnds
  readonly #recent: RecentItems

  constructor(
    schema: string,
    node: { known: KnownQueues; blocks: NumberBlocks; ends: QueueEnds; recent: RecentItems },
  ) {
    this.#schema = schema
    this.#known = node.known
    this.#blocks = node.blocks
    this.#ends = node.ends
    this.#recent = node.recent
  }

  /** `hold`: rows that are read are locked until the transaction ends, where it has lost them to others before. */
  statements(overlay: Overlay, options: { hold: boolean }): Statement[] {
    const { needs } = overlay
    const statements: Statement[] = []
    const locks = overlay.locksPending ? [...overlay.locks] : []
    if (locks.length > 0) statements.push(this.#lock(overlay, locks), this.#verify(overlay, locks))
    this.#positions(overlay, needs, statements)
    if (needs.numbers > 0) statements.push(this.#block('position_block', (first) => this.#blocks.numbers.refill(first)))
    if (needs.groupIds > 0) statements.push(this.#block('group_block', (first) => this.#blocks.groupIds.refill(first)))
    if (needs.queueNames.size > 0) statements.push(this.#queuesByName(overlay, [...needs.queueNames.values()]))
    if (needs.queueIds.size > 0) statements.push(this.#queuesById(overlay, [...needs.queueIds]))
    const unverified = [...needs.unverified].filter((id) => !locks.includes(id))
    if (unverified.length > 0) statements.push(this.#verify(overlay, unverified))
    if (needs.groups.size > 0) statements.push(this.#groups(overlay, [...needs.groups]))
    this.#items(overlay, needs, statements, options.hold)
    if (needs.messages.size > 0) statements.push(this.#messages(overlay, [...needs.messages]))
    this.#counts(overlay, needs, locks, statements)
    if (needs.days.size > 0) statements.push(this.#days(overlay, [...needs.days.values()]))
    for (const [groupId, limit] of needs.ready) {
      const queueId = overlay.placeOf(groupId)
      if (queueId !== undefined) statements.push(this.#ready(overlay, queueId, groupId, limit))
    }
    if (needs.messageGroups.size > 0) statements.push(this.#messageGroups(overlay, [...needs.messageGroups.values()]))
    this.#deduplications(overlay, needs, statements)
    const marks = [...new Set([...needs.marks, ...locks])]
    if (marks.length > 0) statements.push(this.#marks(overlay, marks))
    if (needs.history.size > 0) statements.push(this.#history(overlay, [...needs.history]))
    if (needs.steps.size > 0) statements.push(this.#steps(overlay, [...needs.steps.values()]))
    if (needs.documents.size > 0) statements.push(this.#documents(overlay, [...needs.documents.values()], options.hold))
    for (const need of needs.ranges.values()) statements.push(this.#range(overlay, need))
    return statements
  }

  // ---- queues and groups ------------------------------------------------------------------------------------------

  #lock(overlay: Overlay, ids: readonly number[]): Statement {
    return {
      text: `SELECT queue_id, position FROM ${this.#schema}.queue_end WHERE queue_id = ANY($1::int8[]) ORDER BY queue_id FOR UPDATE`,
      values: [int8s([...ids].sort((a, b) => a - b))],
      rows: (rows) => {
        for (const [id, position] of rows) {
          overlay.endBase.set(Number(id), Number(position))
          this.#ends.found(Number(id), Number(position))
        }
        overlay.locksPending = false
      },
    }
  }

  #verify(overlay: Overlay, ids: readonly number[]): Statement {
    return {
      text: `SELECT id, version FROM ${this.#schema}.queue WHERE id = ANY($1::int8[])`,
      values: [int8s(ids)],
      rows: (rows) => this.#compare(overlay, ids, rows),
    }
  }

  /** What was relied on, but is not so any more, is loaded anew. */
  #compare(overlay: Overlay, ids: readonly number[], rows: readonly Row[]): void {
    const versions = new Map(rows.map((row) => [Number(row[0]), Number(row[1])]))
    for (const id of ids) {
      const version = versions.get(id)
      const known = this.#known.byId(id)
      if (known && known.version !== version) this.#known.forget(id)
      const base = overlay.queueBase.get(id)
      if (base?.record && base.version !== version) {
        overlay.queueBase.delete(id)
        overlay.nameBase.clear()
      }
      if (version === undefined && !overlay.queueBase.has(id))
        overlay.queueBase.set(id, { record: undefined, version: 0 })
    }
  }

  #loadQueue(overlay: Overlay, row: Row): number {
    const queue = readQueue(row)
    const { record, version } = queue
    this.#known.remember(queue)
    const base = overlay.queueBase.get(record.id)
    if (base && base.version !== version) throw new Conflict()
    if (!base) overlay.queueBase.set(record.id, queue)
    overlay.nameBase.set(nameKey(record.account, record.name), record.id)
    return record.id
  }

  #queuesByName(overlay: Overlay, names: readonly { account: string; name: string }[]): Statement {
    return {
      text: `SELECT ${queueColumns(this.#schema)} FROM unnest($1::text[], $2::text[]) AS k (account, name)
        JOIN ${this.#schema}.queue q ON q.account = k.account COLLATE "C" AND q.name = k.name COLLATE "C"`,
      values: [texts(names.map(({ account }) => account)), texts(names.map(({ name }) => escapeNul(name)))],
      rows: (rows) => {
        for (const row of rows) this.#loadQueue(overlay, row)
        for (const { account, name } of names) {
          const key = nameKey(account, name)
          if (!overlay.nameBase.has(key)) overlay.nameBase.set(key, undefined)
        }
      },
    }
  }

  #queuesById(overlay: Overlay, ids: readonly number[]): Statement {
    return {
      text: `SELECT ${queueColumns(this.#schema)} FROM ${this.#schema}.queue q WHERE q.id = ANY($1::int8[])`,
      values: [int8s(ids)],
      rows: (rows) => {
        const found = new Set(rows.map((row) => this.#loadQueue(overlay, row)))
        for (const id of ids) if (!found.has(id)) overlay.queueBase.set(id, { record: undefined, version: 0 })
      },
    }
  }

  #groups(overlay: Overlay, ids: readonly number[]): Statement {
    return {
      text: `SELECT ${groupColumns} FROM ${this.#schema}.queue_group g WHERE g.id = ANY($1::int4[])`,
      values: [int4s(ids)],
      rows: (rows) => {
        for (const id of ids) overlay.groupBase.set(id, undefined)
        for (const row of rows) {
          const group = readGroup(row)
          overlay.groupBase.set(group.id, group)
          this.#known.rememberGroup(group.id, group.queueId)
        }
      },
    }
  }

  #counts(overlay: Overlay, needs: Needs, locks: readonly number[], statements: Statement[]): void {
    const groups = new Map<number, number>()
    for (const groupId of needs.counts) {
      const queueId = overlay.placeOf(groupId)
      if (queueId !== undefined) groups.set(groupId, queueId)
    }
    // A virtual queue is there while it holds messages, which is asked for sooner or later.
    for (const queueId of [...needs.unverified, ...locks]) {
      const queue = overlay.queueBase.get(queueId)?.record
      if (queue && (!queue.explicit || queue.settings.maxMessages !== null)) {
        for (const { id } of queue.groups) if (!overlay.countBase.has(id)) groups.set(id, queueId)
      }
    }
    if (groups.size === 0) return
    statements.push({
      text: `SELECT c.group_id, sum(c.ready), sum(c.behind), sum(c.delayed), sum(c.leased), sum(c.reprocessing),
          sum(c.processed), sum(c.errored), sum(c.filtered), sum(c.shelved), sum(c.done)
        FROM unnest($1::int8[], $2::int4[]) AS k (q, g)
        JOIN ${this.#schema}.group_count c ON c.queue_id = k.q AND c.group_id = k.g GROUP BY c.group_id`,
      values: [int8s([...groups.values()]), int4s([...groups.keys()])],
      rows: (rows) => {
        for (const groupId of groups.keys()) overlay.countBase.set(groupId, noCounts())
        for (const row of rows) {
          const [groupId, ready, behind, delayed, leased, reprocessing, processed, errored, filtered, shelved, done] =
            row.map(Number) as CountRow
          overlay.countBase.set(groupId, {
            ready,
            behind,
            delayed,
            leased,
            reprocessing,
            processed,
            errored,
            filtered,
            shelved,
            done,
          })
        }
      },
    })
  }

  #days(overlay: Overlay, wanted: readonly { groupId: number; day: number }[]): Statement {
    return {
      text: `SELECT c.group_id, c.day, sum(c.processed), sum(c.errored), sum(c.filtered)
        FROM unnest($1::int8[], $2::int4[], $3::int4[]) AS k (q, g, d)
        JOIN ${this.#schema}.count_of_day c ON c.queue_id = k.q AND c.group_id = k.g AND c.day = k.d GROUP BY c.group_id, c.day`,
      values: [
        int8s(wanted.map(({ groupId }) => overlay.placeOf(groupId) ?? 0)),
        int4s(wanted.map(({ groupId }) => groupId)),
        int4s(wanted.map(({ day }) => day)),
      ],
      rows: (rows) => {
        for (const { groupId, day } of wanted) {
          overlay.dayBase.set(dayKey(groupId, day), { processed: 0, errored: 0, filtered: 0 })
        }
        for (const row of rows) {
          const [groupId, day, processed, errored, filtered] = row.map(Number) as [
            number,
            number,
            number,
            number,
            number,
          ]
          overlay.dayBase.set(dayKey(groupId, day), { processed, errored, filtered })
        }
      },
    }
  }

  // ---- deliveries and messages ------------------------------------------------------------------------------------

  #loadItems(overlay: Overlay, rows: readonly Row[]): string[] {
    return rows.map((row) => {
      const { delivery, queueId, stamp } = readDelivery(row)
      const key = itemKey(delivery.groupId, delivery.position)
      if (!overlay.deliveries.load(key, delivery, stamp)) throw new Conflict()
      if (!overlay.messages.loaded.has(delivery.serial)) {
        overlay.messages.load(delivery.serial, this.#readMessage(row, key, delivery.serial), 0)
      }
      this.#known.rememberGroup(delivery.groupId, queueId)
      return key
    })
  }

  #readMessage(row: Row, place: string, serial: number): Message {
    const isLeftOut = row[deliveryWidth + bodyAt] === null
    const known = isLeftOut ? this.#recent.get(place)?.message : undefined
    if (isLeftOut && known?.serial !== serial) {
      // Another message has taken the place.
      this.#recent.forget(place)
      throw new Conflict()
    }
    return readMessage(row, deliveryWidth, known?.body)
  }

  /** `deliveries`: a query that gives rows of the table. */
  #withMessages(deliveries: string, columns = messageColumns): string {
    return `WITH d AS MATERIALIZED (${deliveries})
      SELECT ${deliveryColumns}, ${columns} FROM d
      JOIN ${this.#schema}.message m ON m.queue_id = d.queue_id AND m.serial = d.serial`
  }

  #items(overlay: Overlay, needs: Needs, statements: Statement[], hold: boolean): void {
    const wanted: { key: string; groupId: number; position: number; queueId: number }[] = []
    for (const [key, { groupId, position }] of needs.items) {
      const queueId = overlay.placeOf(groupId)
      if (queueId !== undefined) wanted.push({ key, groupId, position, queueId })
    }
    if (wanted.length === 0) return
    wanted.sort((a, b) => a.queueId - b.queueId || a.groupId - b.groupId || a.position - b.position)
    statements.push({
      text: this.#withMessages(
        `SELECT x.*, k.is_known FROM unnest($1::int8[], $2::int4[], $3::int8[], $4::int4[]) AS k (q, g, p, is_known)
        JOIN ${this.#schema}.delivery x ON x.queue_id = k.q AND x.group_id = k.g AND x.position = k.p
        ${hold ? 'FOR UPDATE OF x' : ''}`,
        messageColumnsNotKnown,
      ),
      values: [
        int8s(wanted.map(({ queueId }) => queueId)),
        int4s(wanted.map(({ groupId }) => groupId)),
        int8s(wanted.map(({ position }) => position)),
        int4s(wanted.map(({ key }) => (this.#recent.get(key) ? 1 : 0))),
      ],
      rows: (rows) => {
        const found = new Set(this.#loadItems(overlay, rows))
        for (const { key } of wanted) {
          if (!found.has(key) && !overlay.deliveries.load(key, undefined, 0)) throw new Conflict()
        }
      },
    })
  }

  #messages(overlay: Overlay, serials: readonly number[]): Statement {
    return {
      text: `SELECT ${messageColumns} FROM ${this.#schema}.message m WHERE m.serial = ANY($1::int8[])`,
      values: [int8s(serials)],
      rows: (rows) => {
        for (const row of rows) {
          const message = readMessage(row)
          if (!overlay.messages.loaded.has(message.serial)) overlay.messages.load(message.serial, message, 0)
        }
        for (const serial of serials) {
          if (!overlay.messages.loaded.has(serial)) overlay.messages.load(serial, undefined, 0)
        }
      },
    }
  }

  /** Those that another transaction is handing out are passed over; these are for this one alone. */
  #ready(overlay: Overlay, queueId: number, groupId: number, limit: number): Statement {
    return {
      text: this.#withMessages(`SELECT * FROM ${this.#schema}.delivery WHERE queue_id = $1::int8 AND ready_group = $2::int4
        ORDER BY urgency, rank LIMIT $3::int8 FOR UPDATE SKIP LOCKED`),
      values: [queueId, groupId, limit],
      rows: (rows) => {
        const keys = this.#loadItems(overlay, rows)
        const order = (key: string) => overlay.deliveries.loaded.get(key)?.value as { urgency: number; rank: number }
        keys.sort((a, b) => order(a).urgency - order(b).urgency || order(a).rank - order(b).rank)
        overlay.readyRanges.set(groupId, { keys, complete: keys.length < limit, limit })
      },
    }
  }

  #messageGroups(
    overlay: Overlay,
    wanted: readonly { groupId: number; messageGroup: string; limit: number }[],
  ): Statement {
    const found = wanted.flatMap((group) => {
      const queueId = overlay.placeOf(group.groupId)
      return queueId === undefined ? [] : [{ ...group, queueId }]
    })
    const limit = Math.max(...found.map((group) => group.limit), 1)
    return {
      text: this.#withMessages(`SELECT x.* FROM unnest($1::int8[], $2::int4[], $3::int8[], $4::text[]) AS k (q, g, h, t)
        CROSS JOIN LATERAL (SELECT * FROM ${this.#schema}.delivery
          WHERE queue_id = k.q AND group_id = k.g AND message_group_hash = k.h AND message_group = k.t
          ORDER BY position LIMIT $5::int8) x`),
      values: [
        int8s(found.map(({ queueId }) => queueId)),
        int4s(found.map(({ groupId }) => groupId)),
        int8s(found.map(({ messageGroup }) => hash64(messageGroup))),
        texts(found.map(({ messageGroup }) => messageGroup)),
        limit,
      ],
      rows: (rows) => {
        const keys = new Map<string, string[]>()
        for (const { groupId, messageGroup } of wanted) keys.set(messageGroupKey(groupId, messageGroup), [])
        this.#loadItems(overlay, rows)
        for (const row of rows) {
          const { delivery } = readDelivery(row)
          keys
            .get(messageGroupKey(delivery.groupId, delivery.messageGroup ?? ''))
            ?.push(itemKey(delivery.groupId, delivery.position))
        }
        const position = (key: string) => overlay.deliveries.loaded.get(key)?.value?.position ?? 0
        for (const [group, items] of keys) {
          items.sort((a, b) => position(a) - position(b))
          overlay.groupRanges.set(group, { keys: items, complete: items.length < limit, limit })
        }
      },
    }
  }

  // ---- everything else --------------------------------------------------------------------------------------------

  #deduplications(overlay: Overlay, needs: Needs, statements: Statement[]): void {
    const wanted: { groupId: number; key: string; queueId: number }[] = []
    for (const { groupId, key } of needs.deduplications.values()) {
      const queueId = overlay.placeOf(groupId)
      if (queueId !== undefined) wanted.push({ groupId, key, queueId })
    }
    if (wanted.length === 0) return
    statements.push({
      text: `SELECT ${deduplicationColumns} FROM unnest($1::int8[], $2::int4[], $3::bytea[]) AS k (q, g, h)
        JOIN ${this.#schema}.deduplication e ON e.queue_id = k.q AND e.group_id = k.g AND e.key_hash = k.h`,
      values: [
        int8s(wanted.map(({ queueId }) => queueId)),
        int4s(wanted.map(({ groupId }) => groupId)),
        byteas(wanted.map(({ key }) => keyHash(key))),
      ],
      rows: (rows) => {
        const found = new Set(this.#loadDeduplications(overlay, rows))
        for (const { groupId, key } of wanted) {
          const place = deduplicationKey(groupId, key)
          if (!found.has(place) && !overlay.deduplications.load(place, undefined, 0)) throw new Conflict()
        }
      },
    })
  }

  #loadDeduplications(overlay: Overlay, rows: readonly Row[]): string[] {
    return rows.map((row) => {
      const { entry, queueId, stamp } = readDeduplication(row)
      const key = deduplicationKey(entry.groupId, entry.key)
      this.#known.rememberGroup(entry.groupId, queueId)
      if (!overlay.deduplications.load(key, entry, stamp)) throw new Conflict()
      return key
    })
  }

  #marks(overlay: Overlay, queueIds: readonly number[]): Statement {
    return {
      text: `SELECT ${markColumns} FROM ${this.#schema}.retention_mark WHERE queue_id = ANY($1::int8[])`,
      values: [int8s(queueIds)],
      rows: (rows) => {
        const found = new Set(this.#loadMarks(overlay, rows))
        for (const id of queueIds) if (!found.has(id) && !overlay.marks.load(id, undefined, 0)) throw new Conflict()
      },
    }
  }

  #loadMarks(overlay: Overlay, rows: readonly Row[]): number[] {
    return rows.map((row) => {
      const { mark, stamp } = readMark(row)
      this.#known.noteMark(mark.queueId, mark)
      if (!overlay.marks.load(mark.queueId, mark, stamp)) throw new Conflict()
      return mark.queueId
    })
  }

  #history(overlay: Overlay, serials: readonly number[]): Statement {
    return {
      text: `SELECT ${historyColumns} FROM ${this.#schema}.history WHERE serial = ANY($1::int8[])`,
      values: [int8s(serials)],
      rows: (rows) => {
        for (const row of rows) {
          const entry = readHistory(row)
          overlay.histories.load(entry.serial, entry, 0)
        }
        for (const serial of serials) {
          if (!overlay.histories.loaded.has(serial)) overlay.histories.load(serial, undefined, 0)
        }
      },
    }
  }

  #steps(overlay: Overlay, wanted: readonly { queueId: number; serial: number }[]): Statement {
    return {
      text: `SELECT ${stepColumns} FROM unnest($1::int8[], $2::int8[]) AS k (q, n)
        JOIN ${this.#schema}.step s ON s.queue_id = k.q AND s.serial = k.n`,
      values: [int8s(wanted.map(({ queueId }) => queueId)), int8s(wanted.map(({ serial }) => serial))],
      rows: (rows) => {
        const found = new Set(this.#loadSteps(overlay, rows))
        for (const { queueId, serial } of wanted) {
          const key = stepKey(queueId, serial)
          if (!found.has(key) && !overlay.stepRows.load(key, undefined, 0)) throw new Conflict()
        }
      },
    }
  }

  #loadSteps(overlay: Overlay, rows: readonly Row[]): string[] {
    return rows.map((row) => {
      const { record, stamp } = readSteps(row)
      const key = stepKey(record.queueId, record.serial)
      if (!overlay.stepRows.load(key, record, stamp)) throw new Conflict()
      return key
    })
  }

  #documents(overlay: Overlay, wanted: readonly { collection: string; key: string }[], hold: boolean): Statement {
    const sorted = [...wanted].sort((a, b) =>
      documentKey(a.collection, a.key) < documentKey(b.collection, b.key) ? -1 : 1,
    )
    return {
      text: `SELECT ${documentColumns.replaceAll(/(\w+)/g, 'o.$1')}
        FROM unnest($1::text[], $2::text[]) AS k (c, k)
        JOIN ${this.#schema}.document o ON o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C"
        ${hold ? 'FOR UPDATE OF o' : ''}`,
      values: [texts(sorted.map(({ collection }) => collection)), texts(sorted.map(({ key }) => key))],
      rows: (rows) => {
        const found = new Set(this.#loadDocuments(overlay, rows))
        for (const { collection, key } of wanted) {
          const place = documentKey(collection, key)
          if (!found.has(place) && !overlay.documentRows.load(place, undefined, 0)) throw new Conflict()
        }
      },
    }
  }

  #loadDocuments(overlay: Overlay, rows: readonly Row[]): string[] {
    return rows.map((row) => {
      const { row: document, stamp } = readDocument(row)
      const key = documentKey(document.collection, document.key)
      if (!overlay.documentRows.load(key, document, stamp)) throw new Conflict()
      return key
    })
  }

  // ---- ranges -----------------------------------------------------------------------------------------------------

  #range(overlay: Overlay, need: RangeNeed): Statement {
    const limit = Math.min(need.limit, 2 ** 53 - 1)
    const { text, values, load } = this.#rangeQuery(overlay, need, limit)
    return {
      text,
      values,
      rows: (rows) => {
        const keys = load(rows)
        if (rows.length > 0 && text.includes('SKIP LOCKED')) overlay.holdsRange = true
        overlay.ranges.set(rangeKey(need), { keys: keys as never[], complete: keys.length < limit, limit })
      },
    }
  }

  #rangeQuery(
    overlay: Overlay,
    need: RangeNeed,
    limit: number,
  ): { text: string; values: NonNullable<Statement['values']>; load: (rows: readonly Row[]) => (string | number)[] } {
    const schema = this.#schema
    const queues = (rows: readonly Row[]) => rows.map((row) => this.#loadQueue(overlay, row))
    const items = (rows: readonly Row[]) => this.#loadItems(overlay, rows)
    const deduplications = (rows: readonly Row[]) => this.#loadDeduplications(overlay, rows)
    const documents = (rows: readonly Row[]) => this.#loadDocuments(overlay, rows)
    switch (need.of) {
      case 'queues': {
        const { from, values } = textRange('q.name', escapeNul(need.prefix), need.after && escapeNul(need.after), [
          need.account,
        ])
        return {
          text: `SELECT ${queueColumns(schema)} FROM ${schema}.queue q WHERE q.account = $1::text COLLATE "C" ${from}
            ORDER BY q.name LIMIT ${limit}`,
          values,
          load: queues,
        }
      }
      case 'all-queues':
        return {
          text: `SELECT ${queueColumns(schema)} FROM ${schema}.queue q WHERE q.id > $1::int8 ORDER BY q.id LIMIT ${limit}`,
          values: [need.afterId],
          load: queues,
        }
      case 'scan':
        return { ...this.#scan(overlay, need.groupId, need.query, limit), load: items }
      case 'types':
        return { ...this.#types(overlay, need.groupId, need.query, limit), load: items }
      case 'search':
        return this.#search(overlay, need, limit)
      case 'queue-steps':
        return {
          text: `SELECT ${stepColumns} FROM ${schema}.step s WHERE s.queue_id = $1::int8 ORDER BY s.serial LIMIT ${limit}`,
          values: [need.queueId],
          load: (rows) => this.#loadSteps(overlay, rows),
        }
      case 'old-days':
        return {
          text: `SELECT DISTINCT group_id, day FROM (SELECT group_id, day, queue_id FROM ${schema}.count_of_day
            WHERE day < $1::int4 ORDER BY day LIMIT ${Math.min(limit, 2 ** 30) * lanesAtMost}) o LIMIT ${limit}`,
          values: [Math.min(need.before, 2 ** 31 - 1)],
          load: (rows) =>
            rows.map((row) => {
              const old = { groupId: Number(row[0]), day: Number(row[1]) }
              const key = dayKey(old.groupId, old.day)
              overlay.oldDays.set(key, old)
              return key
            }),
        }
      case 'claimed':
        return {
          text: this.#withMessages(
            `SELECT * FROM ${schema}.delivery WHERE claim_hash = $1::int8 AND claim_id = $2::text ORDER BY position`,
          ),
          values: [hash64(need.claimId), need.claimId],
          load: (rows) => {
            const keys = items(rows)
            const position = (key: string) => overlay.deliveries.loaded.get(key)?.value?.position ?? 0
            return keys.sort((a, b) => position(a) - position(b))
          },
        }
      case 'due':
        return {
          text: this.#withMessages(
            `SELECT * FROM ${schema}.delivery WHERE due_at <= $1::int8 ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
          ),
          values: [need.now],
          load: (rows) => {
            const keys = items(rows)
            const due = (key: string) => overlay.deliveries.loaded.get(key)?.value?.dueAt ?? 0
            return keys.sort((a, b) => due(a) - due(b))
          },
        }
      case 'expired-deduplications':
        return {
          text: `SELECT ${deduplicationColumns} FROM ${schema}.deduplication e WHERE e.expires_at <= $1::int8
            ORDER BY e.expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
          values: [need.now],
          load: deduplications,
        }
      case 'group-deduplications':
        return {
          text: `SELECT ${deduplicationColumns} FROM ${schema}.deduplication e
            WHERE e.queue_id = $1::int8 AND e.group_id = $2::int4 LIMIT ${limit}`,
          values: [overlay.placeOf(need.groupId) ?? 0, need.groupId],
          load: deduplications,
        }
      case 'due-marks':
        return {
          text: `SELECT ${markColumns} FROM ${schema}.retention_mark WHERE check_at <= $1::int8
            ORDER BY check_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
          values: [need.now],
          load: (rows) => this.#loadMarks(overlay, rows),
        }
      case 'old-history':
        return {
          text: `SELECT ${historyColumns} FROM ${schema}.history WHERE sent_at < $1::int8
            ORDER BY sent_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
          values: [need.sentBefore],
          load: (rows) =>
            rows.map((row) => {
              const entry = readHistory(row)
              overlay.histories.load(entry.serial, entry, 0)
              return entry.serial
            }),
        }
      case 'documents': {
        const { from, values } = textRange('key', need.prefix, need.after, [need.collection])
        return {
          text: `SELECT ${documentColumns} FROM ${schema}.document WHERE collection = $1::text COLLATE "C" ${from}
            ORDER BY key LIMIT ${limit}`,
          values,
          load: documents,
        }
      }
      case 'expired-documents':
        return {
          text: `SELECT ${documentColumns} FROM ${schema}.document WHERE expires_at <= $1::int8
            ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
          values: [need.now],
          load: documents,
        }
    }
  }

  #scan(overlay: Overlay, groupId: number, query: ScanQuery, limit: number) {
    const { from, values, direction } = positionRange(overlay, groupId, query)
    const text = `${this.#withMessages(`SELECT x.* FROM ${this.#schema}.delivery x WHERE ${from}
      ORDER BY x.position ${direction} LIMIT ${limit}`)} ORDER BY d.position ${direction}`
    return { text, values }
  }

  /** Of each type the first, put together in order: nothing else is looked at. */
  #types(overlay: Overlay, groupId: number, query: SearchQuery, limit: number) {
    const { from, values, direction } = positionRange(overlay, groupId, query)
    const ofType = (type: DeliveryType) => `(SELECT x.* FROM ${this.#schema}.delivery x
      WHERE ${from} AND x.type = ${typeCode.number(type)} AND x.type <> 0 ORDER BY x.position ${direction} LIMIT ${limit})`
    const each = [...new Set(query.types)].map(ofType).join(' UNION ALL ')
    const text = `${this.#withMessages(`SELECT * FROM (${each || `SELECT x.* FROM ${this.#schema}.delivery x WHERE ${from} AND false`}) u
      ORDER BY u.position ${direction} LIMIT ${limit}`)} ORDER BY d.position ${direction}`
    return { text, values }
  }

  /** The first row says how many were looked at and where that ends; the others are those that match, each with its place among them. */
  #search(overlay: Overlay, need: RangeNeed & { of: 'search' }, limit: number) {
    const { query, groupId } = need
    const { from, values, direction } = positionRange(overlay, groupId, query)
    const parameter = (value: Parameter, type: string) => `$${values.push(value)}::${type}`
    const conditions = ['true']
    const { states, types, exceptClientId } = query
    if (states) conditions.push(`d.state = ANY(${parameter(int2s(states.map(stateCode.number)), 'int2[]')})`)
    if (types) conditions.push(`d.type = ANY(${parameter(int2s(types.map(typeCode.number)), 'int2[]')})`)
    if (exceptClientId !== undefined) {
      conditions.push(`m.client_id IS DISTINCT FROM ${parameter(exceptClientId, 'text')}`)
    }
    const schema = this.#schema
    const text = `WITH d AS MATERIALIZED (SELECT x.*, row_number() OVER (ORDER BY x.position ${direction}) AS place
        FROM ${schema}.delivery x WHERE ${from} ORDER BY x.position ${direction} LIMIT ${query.examine}),
      extent AS (SELECT count(*) AS looked, ${query.newestFirst ? 'min' : 'max'}(position) AS last FROM d)
      SELECT ${deliveryColumns}, ${messageColumns}, d.place, extent.looked, extent.last
      FROM extent LEFT JOIN (d JOIN ${schema}.message m ON m.queue_id = d.queue_id AND m.serial = d.serial)
        ON ${conditions.join(' AND ')} ORDER BY d.position ${direction} LIMIT ${limit}`
    return {
      text,
      values,
      load: (rows: readonly Row[]) => {
        const found = rows.filter((row) => row[0] !== null)
        const width = (rows[0]?.length ?? 0) - 3
        const places = new Map(found.map((row) => [Number(row[2]), Number(row[width])]))
        const [first] = rows
        const end = first?.[width + 2]
        overlay.extents.set(rangeKey(need), {
          count: Number(first?.[width + 1] ?? 0),
          end: end == null ? null : Number(end),
          places,
        })
        return this.#loadItems(overlay, found)
      },
    }
  }

  // ---- numbers ----------------------------------------------------------------------------------------------------

  #block(sequence: string, refill: (first: number) => void): Statement {
    return {
      text: `SELECT nextval('${this.#schema}.${sequence}')`,
      rows: ([row]) => refill(Number(row?.[0])),
    }
  }

  /** Goes on with the numbers at hand unless later positions were taken in one of the queues. */
  #positions(overlay: Overlay, needs: Needs, statements: Statement[]): void {
    const total = needs.positions.reduce((sum, count) => sum + count, 0)
    if (total === 0) return
    const { positions, latest } = this.#blocks
    const wanted = Math.max(total, overlay.allotted.length > 0 ? 64 : 0)
    const allot = (first: number | undefined, count: number) => {
      if (first !== undefined) overlay.allotted.push({ first, count })
      return first
    }
    if (wanted <= positions.size) {
      // Those that were taken before in this transaction are the queue's end, too.
      const taken = Math.max(0, ...overlay.allotted.map(({ first, count }) => first + count - 1))
      const next = positions.left >= wanted && taken < positions.next ? positions.next : 0
      const nextLatest = latest.left >= wanted && taken < latest.next ? latest.next : 0
      statements.push({
        text: `SELECT CASE WHEN coalesce(taken, 0) < $1::int8 THEN 'at hand' WHEN coalesce(taken, 0) < $2::int8 THEN 'latest'
            ELSE nextval('${this.#schema}.position_block')::text END
          FROM (SELECT max(position) AS taken FROM ${this.#schema}.queue_end WHERE queue_id = ANY($3::int8[])) e`,
        values: [next, nextLatest, int8s([...overlay.locks])],
        rows: ([row]) => {
          if (row?.[0] === 'at hand') allot(positions.take(wanted), wanted)
          else {
            if (row?.[0] !== 'latest') latest.refill(Number(row?.[0]))
            allot(latest.take(wanted), wanted)
          }
        },
      })
      return
    }
    statements.push({
      text: `SELECT nextval('${this.#schema}.position_block') FROM generate_series(1, $1::int4)`,
      values: [blocksFor(needs.positions, positions.size)],
      rows: (rows) => {
        for (const row of rows) overlay.allotted.push({ first: Number(row[0]), count: positions.size })
      },
    })
  }
}

/** How many blocks it takes when each count has to come from one. */
const blocksFor = (counts: readonly number[], size: number): number => {
  let blocks = 1
  let left = size
  for (const count of counts) {
    if (count > left) {
      blocks++
      left = size
    }
    left -= count
  }
  return blocks
}

const textRange = (column: string, prefix: string, after: string | undefined, first: readonly string[]) => {
  const values: string[] = [...first]
  const parameter = (value: string) => `$${values.push(value)}::text COLLATE "C"`
  let from = ''
  if (prefix !== '') {
    from += ` AND ${column} >= ${parameter(prefix)}`
    const end = afterPrefix(prefix)
    if (end !== undefined) from += ` AND ${column} < ${parameter(end)}`
  }
  if (after !== undefined) from += ` AND ${column} > ${parameter(after)}`
  return { from, values }
}

/** Conditions on the rows `x` of a group, in order of position from where a query begins. */
const positionRange = (overlay: Overlay, groupId: number, { after, newestFirst = false }: ScanQuery) => {
  const values: Parameter[] = [overlay.placeOf(groupId) ?? 0, groupId]
  let from = 'x.queue_id = $1::int8 AND x.group_id = $2::int4'
  if (after !== undefined) from += ` AND x.position ${newestFirst ? '<' : '>'} $${values.push(after)}::int8`
  return { from, values, direction: newestFirst ? 'DESC' : 'ASC' }
}

/** Of a message's columns, the place of the body. */
const bodyAt = 10

/** A day of a group has at most so many rows. */
const lanesAtMost = 32

type CountRow = [number, number, number, number, number, number, number, number, number, number, number]
