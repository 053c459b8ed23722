import { type Command, InvalidArgumentError, type OptionValues } from '@commander-js/extra-typings'
import type { MessageFilter } from '../../client/index.ts'
import { stateList, typeList } from './states.ts'
import { duration } from './values.ts'

// A type, since Commander wants options that can be indexed.
export type FilterOptions = {
  readonly type?: ReturnType<typeof typeList> | undefined
  readonly state?: ReturnType<typeof stateList> | undefined
  readonly since?: number | undefined
  readonly before?: number | undefined
  readonly id?: string | undefined
  readonly reason?: string | undefined
  readonly holder?: string | undefined
  readonly contentType?: string | undefined
  readonly messageGroup?: string | undefined
  readonly attributes?: string | undefined
  readonly body?: string | undefined
}

/** What messages are looked for by; all that is given must hold. */
export const withFilter = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & FilterOptions> => {
  const text = (flags: string, what: string) =>
    command.option(flags, `${what} contains this, in whatever case; * stands for anything`)
  command
    .option('--type <types>', 'of these types, with commas between: Q, D, P, E, F, S', typeList)
    .option(
      '--state <states>',
      'in these states, with commas between: ready, behind, delayed, leased, finished',
      stateList,
    )
    .option('--since <time>', 'queued since then: a time, or how long ago', past)
    .option('--before <time>', 'queued before then', past)
  text('--id <text>', 'the message id')
  text('--reason <text>', 'what was last said of it')
  text('--holder <text>', 'the name of who holds it')
  text('--content-type <text>', 'the content type')
  text('--message-group <text>', 'the message group')
  text('--attributes <text>', 'the JSON text of the attributes')
  text('--body <text>', 'the body, of which the first 64 KiB are looked at,')
  return command as Command<Args, Options & FilterOptions>
}

/** Undefined when nothing is asked for. */
export const filterFrom = (options: FilterOptions): MessageFilter | undefined => {
  const { type, state, since, before, id, reason, holder, contentType, messageGroup, attributes, body } = options
  const asked = {
    types: type && [...type],
    states: state && [...state],
    sentFrom: since,
    sentBefore: before,
    id,
    reason,
    holder,
    contentType,
    messageGroup,
    attributes,
    body,
  }
  const given = Object.entries(asked).filter(([, value]) => value !== undefined)
  return given.length === 0 ? undefined : (Object.fromEntries(given) as MessageFilter)
}

/** A time such as 2030-12-31T23:59:59Z, or a duration such as 2h, counted back from now. */
const past = (text: string): number => {
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Date.now() - duration(text)
  if (Number.isNaN(time)) throw new InvalidArgumentError('Give a time such as 2030-12-31T23:59Z, or how long ago: 2h.')
  return time
}
