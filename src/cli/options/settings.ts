import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import type { QueueSettings, QueueSettingsPatch } from '../../client/index.ts'
import { formatBytes, formatDuration } from '../output/format.ts'
import { printable } from '../output/text.ts'
import { jsonOrNone, pushTargetOrNone } from './json-file.ts'
import { duration, durationOrNone, jsonObject, none, onOff, pair, size, textOrNone, wholeOrNone } from './values.ts'

interface Setting<Value> {
  readonly option: Option
  /** How people read a value in force. */
  readonly show: (value: Value) => string
}

const span = (value: number | null) => (value === null ? 'none' : formatDuration(value))
const truth = (value: boolean) => (value ? 'on' : 'off')
const plain = (value: string | number | null) => (value === null ? 'none' : printable(String(value)))
const json = (value: unknown) => printable(JSON.stringify(value))

/** Every setting of a queue with its option; a setting without one does not compile. */
const settings: { readonly [Name in keyof QueueSettings]: Setting<QueueSettings[Name]> } = {
  ordering: choice('--ordering <kind>', 'how messages follow each other', ['unordered', 'grouped', 'ordered']),
  newestFirst: toggle('--newest-first', 'of equal priority the newest first'),
  consumerGroups: toggle('--consumer-groups', 'every consumer group sees every message; fixed once created'),
  visibilityTimeoutMs: {
    option: parsed('--visibility-timeout <duration>', 'how long a receive hides what it hands out', duration),
    show: span,
  },
  delayMs: { option: parsed('--delay <duration>', 'delay of messages that name none', duration), show: span },
  retentionMs: optionalSpan('--retention', 'life of messages that name no retention; none: until deleted'),
  maxMessageBytes: { option: parsed('--max-message-size <size>', 'largest message', size), show: formatBytes },
  maxMessages: optionalCount('--max-messages', 'how many messages the queue holds at most'),
  maxLeased: optionalCount('--max-leased', 'how many messages may be in work at once'),
  receiveWaitMs: {
    option: parsed('--receive-wait <duration>', 'how long a receive waits when it does not say', duration),
    show: span,
  },
  receiveLimit: optionalCount('--receive-limit', 'after so many receives without a delete a message is dead lettered'),
  deadLetterQueue: {
    option: parsed('--dead-letter-queue <queue|none>', 'where dead letters go', textOrNone),
    show: plain,
  },
  deadLetters: choice('--dead-letters <fate>', 'of dead letters, when no queue is named for them', ['delete', 'group']),
  deadLetterRetentionMs: optionalSpan('--dead-letter-retention', 'of a dead letter, from the move on'),
  deadLetterAt: choice('--dead-letter-at <moment>', 'when the receive limit bites', ['lease-end', 'receive']),
  deduplicationWindowMs: {
    option: parsed('--deduplication-window <duration>', 'how long a deduplication id is taken', duration),
    show: span,
  },
  deduplicationScope: choice('--deduplication-scope <scope>', 'what has deduplication ids of its own', [
    'queue',
    'message-group',
  ]),
  contentDeduplication: toggle('--content-deduplication', 'a message without a deduplication id is known by its body'),
  keepFinished: choice('--keep-finished <what>', 'what is kept of finished messages', ['nothing', 'message']),
  keepProcessedMs: kept('processed'),
  keepFilteredMs: kept('filtered'),
  keepErroredMs: kept('errored'),
  keepShelvedMs: kept('shelved'),
  history: choice('--history <what>', 'what is remembered of messages for seven days', ['none', 'end', 'steps']),
  input: {
    option: parsed('--input <file|json|none>', 'what messages must look like: fields or a JSON Schema', jsonOrNone),
    show: (value) => (value === null ? 'none' : json(value)),
  },
  push: {
    option: parsed('--push <url|file|json|none>', 'the service that is called for every message', pushTargetOrNone),
    show: (value) => (value === null ? 'none' : json(value)),
  },
  paused: toggle('--paused', 'hand nothing out'),
  publicId: {
    option: parsed('--public-id <id|none>', 'id in APIs that name queues by id: 24 hex digits', textOrNone),
    show: plain,
  },
  description: { option: new Option('--description <text>', 'free text for people'), show: plain },
  metadata: { option: parsed('--metadata <json>', 'free data, a JSON object', jsonObject), show: json },
  tags: { option: parsed('--tag <name=value>', 'a tag; again for more, which replace those there', pair), show: json },
}

const names = Object.keys(settings) as (keyof QueueSettings)[]

/** Adds an option for every setting. */
export const withSettings = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options> => {
  for (const name of names) command.addOption(settings[name].option.helpGroup('Settings:'))
  return command
}

/** The settings that were given among the options of a command. */
export const settingsFrom = (options: OptionValues): QueueSettingsPatch =>
  Object.fromEntries(
    names
      .map((name): [string, unknown] => [name, options[settings[name].option.attributeName()]])
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value === none ? null : value]),
  )

/** Values for people, under the names of the options that change them. */
export const showSettings = (values: QueueSettings): [name: string, value: string][] =>
  names.map((name) => [settings[name].option.name(), showSetting(name, values)])

const showSetting = <Name extends keyof QueueSettings>(name: Name, values: QueueSettings): string =>
  settings[name].show(values[name])

function parsed<Value>(flags: string, description: string, parse: (text: string, before: never) => Value): Option {
  return new Option(flags, description).argParser(parse as (text: string) => Value) as Option
}

function choice<Value extends string>(flags: string, description: string, values: readonly Value[]): Setting<Value> {
  return { option: new Option(flags, description).choices(values) as unknown as Option, show: plain }
}

function toggle(flag: string, description: string): Setting<boolean> {
  return { option: parsed(`${flag} <on|off>`, description, onOff), show: truth }
}

function optionalSpan(flag: string, description: string): Setting<number | null> {
  return { option: parsed(`${flag} <duration|none>`, description, durationOrNone), show: span }
}

function optionalCount(flag: string, description: string): Setting<number | null> {
  return { option: parsed(`${flag} <count|none>`, description, wholeOrNone(1)), show: plain }
}

function kept(what: string): Setting<number | null> {
  return optionalSpan(`--keep-${what}`, `how long messages finished as ${what} stay; none: until removed`)
}
