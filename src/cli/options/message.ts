import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import type { SendOptions } from '../../client/index.ts'
import { collect, duration, jsonObject, pair, whole } from './values.ts'

/** What can be said of a message on the command line, and holds for each message of the command. */
export type MessageOptions = {
  readonly contentType?: string | undefined
  readonly delay?: number | undefined
  readonly priority?: number | undefined
  readonly retention?: number | undefined
  readonly messageGroup?: string | undefined
  readonly deduplicationId?: string | undefined
  readonly deduplicationWindow?: number | undefined
  readonly receiveLimit?: number | undefined
  readonly deadLetterQueue?: string | undefined
  readonly tag?: readonly string[] | undefined
  readonly clientId?: string | undefined
  readonly attribute?: Readonly<Record<string, string>> | undefined
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
  readonly traceparent?: string | undefined
}

export const withMessageOptions = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & MessageOptions> => {
  const add = (flags: string, description: string, parse?: (text: string, before: never) => unknown) => {
    const option = new Option(flags, description).helpGroup('Message:')
    command.addOption(parse ? option.argParser(parse as (text: string) => unknown) : option)
  }
  add('--content-type <type>', 'what the body is')
  add('--delay <duration>', "how long the message stays hidden first (default: the queue's)", duration)
  add('--priority <number>', 'higher ones are handed out first (default: 0)', whole(-(2 ** 31), 2 ** 31 - 1))
  add('--retention <duration>', "how long the message lives (default: the queue's)", duration)
  add('--message-group <name>', 'within a message group, first in, first out')
  add('--deduplication-id <id>', 'within the window, another message with this id is not stored')
  add('--deduplication-window <duration>', "how long the id is taken (default: the queue's)", duration)
  add('--receive-limit <count>', "receives before it is dead lettered (default: the queue's)", whole(1, 1_000_000))
  add('--dead-letter-queue <queue>', "where it goes then (default: the queue's)")
  add('--tag <tag>', 'what consumer groups with a tag rule go by; again for more', collect)
  add('--client-id <id>', 'who sends it')
  add('--attribute <name=value>', 'a text that travels with the message; again for more', pair)
  add('--attributes <json>', 'the same as a JSON object', jsonObject)
  add('--traceparent <value>', 'W3C trace context of the send')
  return command as Command<Args, Options & MessageOptions>
}

export const sendOptionsFrom = (options: MessageOptions): SendOptions => ({
  contentType: options.contentType,
  delayMs: options.delay,
  priority: options.priority,
  retentionMs: options.retention,
  messageGroup: options.messageGroup,
  deduplicationId: options.deduplicationId,
  deduplicationWindowMs: options.deduplicationWindow,
  receiveLimit: options.receiveLimit,
  deadLetterQueue: options.deadLetterQueue,
  tags: options.tag,
  clientId: options.clientId,
  traceparent: options.traceparent,
  attributes: options.attribute || options.attributes ? { ...options.attributes, ...options.attribute } : undefined,
})
