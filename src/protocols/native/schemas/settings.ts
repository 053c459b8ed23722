import { type Static, Type } from 'typebox'
import { day, nullable, QueueName, spanMs, strict } from './common.ts'
import { PushTarget, PushTargetInput } from './push.ts'
import { DeclaredStructure } from './structure.ts'

const maxWaitMs = 600_000
const whole = Number.MAX_SAFE_INTEGER

const pushed = {
  default: null,
  description: 'The service that is called for every message; null: messages wait to be received.',
}

/** Every setting of a queue that this API shows, with its default. */
const settings = {
  ordering: Type.Enum(['unordered', 'grouped', 'ordered'], {
    default: 'unordered',
    description:
      '`unordered`: by priority, then age, any number in work at once. `grouped`: first in, first out within each message ' +
      'group, and nothing behind a message in work. `ordered`: as if all messages were of one group. Changes only while ' +
      'the queue is empty.',
  }),
  newestFirst: Type.Boolean({
    default: false,
    description:
      'Of equal priority the newest first; needs ordering `unordered`. Changes only while the queue is empty.',
  }),
  consumerGroups: Type.Boolean({
    default: false,
    description:
      'Every consumer group sees every message, also a group made later, and messages stay until their retention ends. ' +
      'Fixed when the queue is created.',
  }),
  visibilityTimeoutMs: spanMs('How long a receive hides what it hands out.', { max: 7 * day, default: 30_000 }),
  delayMs: spanMs('Delay of messages that name none.', { default: 0 }),
  retentionMs: nullable(spanMs('Life of messages that name no retention of their own.', { min: 1 }), {
    default: 14 * day,
    description:
      'Life of messages that name no retention of their own, in milliseconds; null: they live until deleted.',
  }),
  maxMessageBytes: Type.Integer({
    minimum: 1,
    maximum: 1_073_741_824,
    default: 1_048_576,
    description: 'Largest message: bytes of body and attributes.',
  }),
  maxMessages: nullable(Type.Integer({ minimum: 1, maximum: whole }), {
    default: null,
    description: 'How many messages the queue holds before it refuses more; null: any number.',
  }),
  maxLeased: nullable(Type.Integer({ minimum: 1, maximum: whole }), {
    default: null,
    description: 'How many messages may be in work at once; null: any number.',
  }),
  receiveWaitMs: spanMs('How long a receive waits for a message when it does not say.', { max: maxWaitMs, default: 0 }),
  receiveLimit: nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }), {
    default: null,
    description: 'After so many receives without a delete a message is dead lettered; null: never.',
  }),
  deadLetterQueue: nullable(QueueName, {
    default: null,
    description:
      'Where dead letters go: a queue of the same account, which has to exist by then, or they stay where they are; ' +
      'null: see `deadLetters`.',
  }),
  deadLetters: Type.Enum(['delete', 'group'], {
    default: 'delete',
    description:
      'What becomes of dead letters when no queue is named for them: they are deleted, or kept apart within their ' +
      'consumer group.',
  }),
  deadLetterRetentionMs: nullable(spanMs('Retention of a dead letter from the move on.', { min: 1 }), {
    default: null,
    description: 'Retention of a dead letter from the move on, in milliseconds; null: it keeps the expiry it had.',
  }),
  deadLetterAt: Type.Enum(['lease-end', 'receive'], {
    default: 'lease-end',
    description: 'When the receive limit bites: as soon as the last lease ends, or at the next receive that meets it.',
  }),
  deduplicationWindowMs: spanMs('How long a deduplication id is taken.', { max: 7 * day, default: 300_000 }),
  deduplicationScope: Type.Enum(['queue', 'message-group'], {
    default: 'queue',
    description: 'One space of deduplication ids for the queue, or one for each message group.',
  }),
  contentDeduplication: Type.Boolean({
    default: false,
    description: 'A message without a deduplication id gets the SHA-256 of its body as one.',
  }),
  keepFinished: Type.Enum(['nothing', 'message'], {
    default: 'nothing',
    description: 'What is kept of finished messages: nothing (their history by id remains), or the whole message.',
  }),
  keepProcessedMs: kept('processed', 7 * day),
  keepFilteredMs: kept('filtered', 7 * day),
  keepErroredMs: kept('errored', null),
  keepShelvedMs: kept('shelved', 30 * day),
  history: Type.Enum(['none', 'end', 'steps'], {
    default: 'end',
    description:
      'What is remembered of messages for seven days from their send: nothing, how each ended, or every change of its ' +
      'state on the way, too.',
  }),
  input: nullable(DeclaredStructure, {
    default: null,
    description: 'What messages must look like: others are refused. Null: anything is taken.',
  }),
  push: nullable(PushTarget, pushed),
  paused: Type.Boolean({ default: false, description: 'Nothing is handed out while true; everything else goes on.' }),
  publicId: nullable(Type.String({ pattern: '^[0-9a-f]{24}$' }), {
    default: null,
    description:
      'The id under which APIs that name queues by id (Altogic) know this one: 24 lower-case hex digits. Null: one that is ' +
      'made for it, the `publicId` of the queue.',
    examples: ['6237ad734625ff4ccdbe6be3'],
  }),
  description: Type.String({ default: '', description: 'Free text for people.' }),
  metadata: Type.Record(Type.String(), Type.Unknown(), {
    default: {},
    description: 'Free data of the queue’s owner: any JSON object.',
  }),
  tags: Type.Record(Type.String(), Type.String(), {
    default: {},
    description: 'Names and values for people and tools to group queues by.',
    examples: [{ team: 'billing' }],
  }),
}

function kept(what: string, standard: number | null) {
  return nullable(spanMs(`How long messages finished as ${what} stay.`), {
    default: standard,
    description: `How long messages finished as ${what} stay, in milliseconds; null: until they are removed.`,
  })
}

export const QueueSettings = Type.Object(settings, {
  title: 'QueueSettings',
  description: 'All settings of a queue, as they are in force.',
})
export type QueueSettings = Static<typeof QueueSettings>

export const QueueSettingsPatch = Type.Partial(Type.Object({ ...settings, push: nullable(PushTargetInput, pushed) }), {
  ...strict,
  title: 'QueueSettingsPatch',
  description: 'The settings to give or change; the others stay as they are, or get their defaults in a new queue.',
  examples: [{ visibilityTimeoutMs: 60_000, receiveLimit: 5, deadLetterQueue: 'orders-failed' }],
})
export type QueueSettingsPatch = Static<typeof QueueSettingsPatch>
