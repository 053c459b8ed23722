import { createHash } from 'node:crypto'
import type { Delivery, DeliveryDetail } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message, MessageExtra } from '../../core/message.ts'
import type { GroupKind, GroupRecord, QueueRecord, QueueSettings } from '../../core/queue.ts'
import type { Deduplication, HistoryDetail, HistoryEntry, RetentionMark } from '../../core/store.ts'
import { fromJson, outcomeCode, stateCode, typeCode } from '../sql/encoding.ts'
import { Generations } from '../sql/generations.ts'
import { unescapeNul } from './code-points.ts'
import type { Columns, Row } from './columns.ts'
import type { KnownQueue } from './known-queues.ts'
import type { DocumentRow } from './overlay/state.ts'

/** Columns of each table in the order in which these functions read them. */
export const deliveryColumns = `d.queue_id, d.group_id, d.position, d.serial, d.state, d.type, d.visible_at, d.due_at,
  d.urgency, d.rank, d.message_group, d.receive_count, d.first_received_at, d.reprocess_count, d.nonce, d.claim_id,
  d.modified_at, d.detail, d.stamp`
const messageHead = `m.queue_id, m.serial, m.position, m.sent_at, m.expires_at, m.priority, m.content_type, m.message_group,
  m.attributes, m.extra`
export const messageColumns = `${messageHead}, encode(m.body, 'hex')`
/** Without the bodies that the rows `d` say are known here. */
export const messageColumnsNotKnown = `${messageHead}, CASE WHEN d.is_known = 1 THEN NULL ELSE encode(m.body, 'hex') END`
/** For a COPY. */
export const messageColumnsCopied = `${messageHead}, m.body`

const number = (text: string | null | undefined): number => Number(text)
const numberOrNull = (text: string | null | undefined): number | null => (text == null ? null : Number(text))
const text = (value: string | null | undefined): string => value as string

export const readDelivery = (columns: Columns): { delivery: Delivery; queueId: number; stamp: number } => {
  const queueId = columns.number()
  // In the order of their columns.
  const delivery: Delivery = {
    groupId: columns.number(),
    position: columns.number(),
    serial: columns.number(),
    state: stateCode.word(columns.number()),
    type: typeCode.word(columns.number()),
    visibleAt: columns.number(),
    dueAt: columns.numberOrNull(),
    urgency: columns.number(),
    rank: columns.number(),
    messageGroup: columns.text(),
    receiveCount: columns.number(),
    firstReceivedAt: columns.numberOrNull(),
    reprocessCount: columns.number(),
    nonce: columns.number(),
    claimId: columns.text(),
    modifiedAt: columns.number(),
    detail: fromJson<DeliveryDetail>(columns.text()),
  }
  return { queueId, delivery, stamp: columns.number() }
}

/** `knownBody`: where it was not asked for. */
export const readMessage = (columns: Columns, knownBody?: Uint8Array): Message => ({
  queueId: columns.number(),
  serial: columns.number(),
  position: columns.number(),
  sentAt: columns.number(),
  expiresAt: columns.numberOrNull(),
  priority: columns.number(),
  contentType: columns.text(),
  messageGroup: columns.text(),
  attributes: columns.text(),
  extra: fromJson<MessageExtra>(columns.text()),
  body: (columns.bytes() ?? knownBody) as Uint8Array,
})

/** With all its groups but the discarded ones, as one row. */
export const queueColumns = (
  schema: string,
): string => `q.id, q.account, q.name, q.explicit, q.created_at, q.modified_at,
  q.settings, q.version, coalesce((SELECT json_agg(json_build_array(g.id, g.kind, g.name, g.created_at, g.dead_letters_of,
    g.backfill_from, g.backfill_to, g.door, g.more) ORDER BY g.id)
  FROM ${schema}.queue_group g WHERE g.queue_id = q.id AND g.kind <> 'discarded'), '[]')::text`

/** Queues that share settings share one object. */
const sharedSettings = new Generations<string, QueueSettings>(1_000)

export const readQueue = (row: Row): KnownQueue => {
  const id = number(row[0])
  const settingsJson = text(row[6])
  let settings = sharedSettings.get(settingsJson)
  if (!settings) {
    settings = JSON.parse(settingsJson) as QueueSettings
    sharedSettings.set(settingsJson, settings)
  }
  const groups = (JSON.parse(text(row[8])) as GroupTuple[]).map((group) => readGroupTuple(id, group))
  const record: QueueRecord = {
    id,
    account: text(row[1]),
    name: unescapeNul(text(row[2])),
    explicit: row[3] === 't',
    createdAt: number(row[4]),
    modifiedAt: number(row[5]),
    settings,
    groups,
  }
  return { record, version: number(row[7]) }
}

type GroupTuple = [number, GroupKind, string, number, number | null, number, number, string, string | null]

const readGroupTuple = (queueId: number, tuple: GroupTuple): GroupRecord => {
  const [id, kind, name, createdAt, deadLettersOf, backfillFrom, backfillTo, door, more] = tuple
  return {
    id,
    queueId,
    kind,
    name,
    createdAt,
    deadLettersOf,
    backfillFrom,
    backfillTo,
    door: JSON.parse(door) as GroupRecord['door'],
    backfilled: 0,
    tagRule: null,
    subscription: null,
    ...(more === null ? {} : (JSON.parse(more) as object)),
  }
}

export const groupColumns =
  'g.queue_id, g.id, g.kind, g.name, g.created_at, g.dead_letters_of, g.backfill_from, g.backfill_to, g.door, g.more'

export const readGroup = (row: Row): GroupRecord =>
  readGroupTuple(number(row[0]), [
    number(row[1]),
    row[2] as GroupKind,
    text(row[3]),
    number(row[4]),
    numberOrNull(row[5]),
    number(row[6]),
    number(row[7]),
    text(row[8]),
    row[9] as string | null,
  ])

export const deduplicationColumns =
  'e.queue_id, e.group_id, e.key, e.serial, e.count, e.sent_at, e.position, e.expires_at, e.digest, e.stamp'

export const readDeduplication = (row: Row): { entry: Deduplication; queueId: number; stamp: number } => ({
  queueId: number(row[0]),
  stamp: number(row[9]),
  entry: {
    groupId: number(row[1]),
    key: text(row[2]),
    serial: number(row[3]),
    count: number(row[4]),
    sentAt: number(row[5]),
    position: number(row[6]),
    expiresAt: number(row[7]),
    digest: row[8] as string | null,
  },
})

export const markColumns = 'queue_id, check_at, cursor, stamp'
export const readMark = (row: Row): { mark: RetentionMark; stamp: number } => ({
  mark: { queueId: number(row[0]), checkAt: number(row[1]), cursor: number(row[2]) },
  stamp: number(row[3]),
})

export const historyColumns = `serial, sent_at, queue_id, outcome, finished_at, first_received_at, receive_count,
  reprocess_count, detail`
export const readHistory = (row: Row): HistoryEntry => ({
  serial: number(row[0]),
  sentAt: number(row[1]),
  queueId: number(row[2]),
  outcome: outcomeCode.word(number(row[3])),
  finishedAt: number(row[4]),
  firstReceivedAt: numberOrNull(row[5]),
  receiveCount: number(row[6]),
  reprocessCount: number(row[7]),
  detail: fromJson<HistoryDetail>(row[8] as string | null),
})

export const stepColumns = 's.queue_id, s.serial, s.lines, s.omitted, s.stamp'
export const readSteps = (row: Row): { record: StepsRecord; stamp: number } => ({
  record: {
    queueId: number(row[0]),
    serial: number(row[1]),
    lines: JSON.parse(text(row[2])) as StepsRecord['lines'],
    omitted: number(row[3]),
  },
  stamp: number(row[4]),
})

export const documentColumns = 'collection, key, value, expires_at, stamp'
export const readDocument = (row: Row): { row: DocumentRow; stamp: number } => ({
  row: {
    collection: text(row[0]),
    key: unescapeNul(text(row[1])),
    json: text(row[2]),
    expiresAt: numberOrNull(row[3]),
  },
  stamp: number(row[4]),
})

/** Where texts are too long for an index: 64 bits that stand for them; equal texts are told apart from others by the text itself. */
export const hash64 = (value: string): number | null => {
  let known = hashes.get(value)
  if (known === undefined) {
    const digest = createHash('sha256').update(value).digest()
    // 52 bits are a whole number, and enough.
    known = digest.readUIntBE(0, 6) * 16 + ((digest[6] as number) >> 4)
    hashes.set(value, known)
  }
  return known
}

const hashes = new Generations<string, number>(20_000)

export const keyHash = (key: string): Uint8Array => createHash('sha256').update(key).digest()
