import type { Delivery } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message } from '../../core/message.ts'
import type { Counts, GroupRecord, QueueSettings } from '../../core/queue.ts'
import type { Deduplication, HistoryEntry, StoredDocument } from '../../core/store.ts'
import { deliveryRecord, type QueueWithoutGroups } from './records.ts'

/** Records with every field at an end of its range. */

/** Whatever a careless store could mistake for something else. No U+0000 and no half surrogate pairs: core lets none in. */
export const hostileText = `'"\`\\ %_*?[] ;--/*\n\r\t\u0001\u007f\u0085\u2028 \ufeff\ue000\uffef e\u0301\u00e9 \u{1f600}\u{10ffff} :p $1 ?1 NULL`
/** Names, and keys of documents, have at most 1,024 bytes of UTF-8. */
const longName = Array.from({ length: 256 }, (_, i) => String.fromCodePoint(0x1f300 + ((i * 167) % 256))).join('')
/** Message groups, deduplication ids and claims have at most 1,024 characters. */
export const longText = Array.from({ length: 1_024 }, (_, i) =>
  String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000)),
).join('')

const latest = 2 ** 48 - 1
const everyByte = new Uint8Array(2 ** 20).map((_, i) => (i * 167) % 256)

const json = {
  text: hostileText,
  nul: '\u0000',
  nested: [{ deep: [null, true, -0.1, 1e300, Number.MAX_SAFE_INTEGER] }],
  z: 1,
  a: 2,
  '': {},
}

/** Attributes are kept to the letter: numbers no JavaScript number holds, repeated names, spaces. */
const attributes = ` { "big": 123456789012345678901234567890, "exact": 1.10, "huge": 1E+400, "same": 1, "same": 2,
  "escaped": "\\u0000\\ud83d\\ude00\\/", "raw": "\u{1f600}'", "z": -0.0, "a": [ ] } `

const settings: QueueSettings = {
  ordering: 'grouped',
  newestFirst: true,
  consumerGroups: true,
  visibilityTimeoutMs: latest,
  delayMs: latest,
  retentionMs: null,
  maxMessageBytes: Number.MAX_SAFE_INTEGER,
  maxMessages: Number.MAX_SAFE_INTEGER,
  maxLeased: 0,
  receiveWaitMs: 20_000,
  receiveLimit: 2 ** 31 - 1,
  deadLetterQueue: hostileText,
  deadLetters: 'group',
  deadLetterRetentionMs: 0,
  deadLetterAt: 'receive',
  deduplicationWindowMs: latest,
  deduplicationScope: 'message-group',
  contentDeduplication: true,
  keepFinished: 'message',
  keepProcessedMs: 0,
  keepFilteredMs: latest,
  keepErroredMs: null,
  keepShelvedMs: 1,
  history: 'steps',
  input: { schema: json },
  push: {
    url: `https://example.test/${hostileText}`,
    concurrency: 1_000,
    timeoutMs: latest,
    maxPerSecond: 0.1,
    retries: { max: latest, minDelayMs: 0, maxDelayMs: latest, delaysMs: [0, latest] },
    headers: { [hostileText]: hostileText },
    form: hostileText,
    formOptions: json,
    signingSecrets: [hostileText],
  },
  paused: true,
  publicId: '6237ad734625ff4ccdbe6be3',
  description: hostileText,
  metadata: json,
  tags: { [hostileText]: hostileText, '': '' },
  door: { sqs: json },
}

export const queue: QueueWithoutGroups = {
  id: latest,
  account: hostileText,
  name: longName,
  explicit: false,
  settings,
  createdAt: 0,
  modifiedAt: latest,
}

export const groups: readonly GroupRecord[] = [
  {
    id: 1,
    queueId: latest,
    kind: 'retained',
    name: '',
    createdAt: 0,
    deadLettersOf: null,
    backfillFrom: 0,
    backfillTo: 0,
    backfilled: 0,
    tagRule: null,
    door: {},
    subscription: null,
  },
  {
    id: 2 ** 30 - 1,
    queueId: latest,
    kind: 'dead-letters',
    name: hostileText,
    createdAt: latest,
    deadLettersOf: 2 ** 30 - 2,
    backfillFrom: latest - 1,
    backfillTo: latest,
    backfilled: Number.MAX_SAFE_INTEGER,
    tagRule: { tags: ['\u{10ffff}', ' '], match: 'any' },
    door: json,
    subscription: { push: settings.push, expiresAt: latest },
  },
]

export const counts: Counts = {
  ready: 2 ** 40,
  behind: 1,
  delayed: 2 ** 31,
  leased: 2 ** 32,
  reprocessing: 2 ** 33 + 1,
  processed: 2 ** 34,
  errored: 0,
  filtered: 7,
  shelved: 9,
  done: 2 ** 48,
}

export const messages: readonly Message[] = [
  {
    serial: 1,
    sentAt: 0,
    queueId: latest,
    position: 1,
    expiresAt: null,
    priority: -(2 ** 31),
    body: new Uint8Array(0),
    contentType: null,
    messageGroup: null,
    attributes: null,
    extra: null,
  },
  {
    serial: 2 ** 47,
    sentAt: 1,
    queueId: latest,
    position: 2 ** 47,
    expiresAt: 0,
    priority: 2 ** 31 - 1,
    body: everyByte,
    contentType: '',
    messageGroup: '',
    attributes: '{}',
    extra: { delayMs: 0 },
  },
  {
    serial: latest,
    sentAt: latest,
    queueId: latest,
    position: latest,
    expiresAt: latest,
    priority: -1,
    body: Uint8Array.of(0),
    contentType: hostileText,
    messageGroup: longText,
    attributes,
    extra: {
      deduplicationId: longText,
      receiveLimit: 2 ** 31 - 1,
      deadLetterQueue: hostileText,
      clientId: hostileText,
      senderId: '',
      delayMs: latest,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      door: json,
    },
  },
]

const groupId = 2 ** 30 - 1

export const deliveries: readonly Delivery[] = [
  deliveryRecord({ groupId, position: 1, serial: 1, urgency: 2 ** 31, rank: -latest }),
  {
    ...deliveryRecord({ groupId, position: 2 ** 47, serial: 2 ** 47, urgency: -(2 ** 31) + 1, rank: 2 ** 47 }),
    type: 'E',
    state: 'finished',
    messageGroup: '',
    claimId: '',
    dueAt: 0,
    firstReceivedAt: 0,
    detail: { excusedReceives: 0 },
  },
  {
    groupId,
    position: latest,
    serial: latest,
    type: 'D',
    state: 'delayed',
    visibleAt: latest,
    dueAt: latest,
    urgency: 0,
    rank: latest,
    messageGroup: longText,
    receiveCount: 2 ** 31 - 1,
    firstReceivedAt: latest,
    reprocessCount: 2 ** 31 - 1,
    nonce: 2 ** 44 - 1,
    claimId: hostileText,
    modifiedAt: latest,
    detail: {
      source: { queue: hostileText, group: hostileText, reason: hostileText, at: latest },
      receiveLimit: 0,
      deadLetterQueue: hostileText,
      holder: '',
      leasedAt: latest,
      excusedReceives: 2 ** 31 - 1,
      reason: hostileText,
      outbound: longText,
    },
  },
]

export const deduplications: readonly Deduplication[] = [
  { groupId, key: '', serial: 1, count: 1, sentAt: 0, position: 1, expiresAt: 0, digest: null },
  {
    groupId,
    key: longText,
    serial: latest,
    count: 1_000,
    sentAt: latest,
    position: latest,
    expiresAt: latest,
    digest: hostileText,
  },
  { groupId, key: hostileText, serial: 2, count: 1, sentAt: 1, position: 2, expiresAt: 1, digest: '' },
]

export const history: readonly HistoryEntry[] = [
  {
    serial: 1,
    sentAt: 0,
    queueId: 1,
    outcome: 'dead-letter',
    finishedAt: 0,
    firstReceivedAt: null,
    receiveCount: 0,
    reprocessCount: 0,
    detail: null,
  },
  {
    serial: latest,
    sentAt: latest,
    queueId: latest,
    outcome: 'shelved',
    finishedAt: latest,
    firstReceivedAt: latest,
    receiveCount: 2 ** 31 - 1,
    reprocessCount: 2 ** 31 - 1,
    detail: { reason: hostileText, delayMs: latest, failure: { kind: 'status', status: 599, answer: hostileText } },
  },
]

export const steps: readonly StepsRecord[] = [
  { queueId: latest, serial: latest, lines: [], omitted: Number.MAX_SAFE_INTEGER },
  {
    queueId: latest,
    serial: 1,
    lines: [
      {
        at: latest,
        from: 'D',
        to: 'ended',
        cause: hostileText,
        group: hostileText,
        text: `${hostileText}\u0000`,
        detail: { attempt: 2 ** 31, startedAt: 0, durationMs: latest, status: 599, answer: `${longText}\u0000` },
      },
    ],
    omitted: 0,
  },
]

export const documents: readonly StoredDocument[] = [
  { collection: 'c', key: '', value: null, expiresAt: null },
  { collection: 'c', key: hostileText, value: json, expiresAt: latest },
  { collection: 'c', key: longName, value: [hostileText, longText], expiresAt: 0 },
]
