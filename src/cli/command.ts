import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import type { OutputOptions } from './output/output.ts'

// Types, not interfaces: Commander wants options that can be indexed.
export type ClientOptions = OutputOptions & {
  readonly url: string
  readonly token?: string | undefined
  readonly account?: string | undefined
}

/** What someone may want to do, and the command line that does it. */
export type Example = readonly [command: string, explanation: string]

const examples = new WeakMap<object, readonly Example[]>()
export const examplesOf = (command: object): readonly Example[] => examples.get(command) ?? []

export const withExamples = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  list: readonly Example[],
): Command<Args, Options> => {
  examples.set(command, list)
  const lines = list.map(([line, explanation]) => `  # ${explanation}\n  ${line}\n`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

/** A command that needs no server: the options of its own, then what every command has. */
export const localCommand = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  list: readonly Example[],
): Command<Args, Options & OutputOptions> => {
  command
    .addOption(
      new Option('--json', 'write JSON, one value a line (the default when standard output is no terminal)').helpGroup(
        outputGroup,
      ),
    )
    .addOption(new Option('--no-json', 'write for people, also into a pipe').helpGroup(outputGroup))
    .addOption(new Option('-q, --quiet', 'no remarks, no progress, no confirmations').helpGroup(outputGroup))
  return withExamples(command, list) as Command<Args, Options & OutputOptions>
}

/** A command that talks to a server. */
export const clientCommand = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  list: readonly Example[],
): Command<Args, Options & ClientOptions> => {
  command
    .addOption(
      new Option('--url <url>', 'address of the server')
        .env('MILLRACE_URL')
        .default('http://127.0.0.1:8080')
        .helpGroup(connectionGroup),
    )
    .addOption(
      new Option('--token <token>', 'token of the key to use').env('MILLRACE_TOKEN').helpGroup(connectionGroup),
    )
    .addOption(
      new Option('--account <name>', "account to act for (default: the token's)")
        .env('MILLRACE_ACCOUNT')
        .helpGroup(connectionGroup),
    )
  return localCommand(command, list) as Command<Args, Options & ClientOptions>
}

const outputGroup = 'Output:'
const connectionGroup = 'Connection:'
