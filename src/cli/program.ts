import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { catalogue } from './commands.ts'
import { ownVersion } from './version.ts'

/**
 * The program for one command line: only the command that it names is loaded, the others are there by name.
 * Without a command line all are loaded, for documentation.
 */
export const loadProgram = async (args?: readonly string[]): Promise<CommandUnknownOpts> => {
  const wanted = args && commandNamed(args)
  const program = new Command('millrace')
    .description('One durable message queue that speaks every queue API its users already have clients for.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .addHelpText('after', helpFooter)
  for (const { name, summary, load } of catalogue) {
    const loaded = wanted === undefined || wanted === name
    const command = loaded ? (await load())() : new Command(name).description(summary)
    program.addCommand(command.summary(summary))
  }
  prepare(program)
  return program
}

const helpFooter = `
Start a server with 'millrace serve', then try:
  millrace send orders 'hello'
  millrace receive orders --delete

'millrace help <command>' shows what a command takes, with examples.

Exit codes: 0 done, 1 failure, 2 wrong usage, 3 not found or nothing received,
4 not authorised, 5 no server, 6 refused, 7 partly done, 8 not now, 130 interrupted`

const commandNamed = (args: readonly string[]): string => {
  const [first = '', second = ''] = args.filter((arg) => !arg.startsWith('-'))
  return first === 'help' ? second : first
}

/** What holds for every command: errors are thrown instead of ending the process, and help fits a narrow terminal. */
const prepare = (command: CommandUnknownOpts): void => {
  command
    .exitOverride()
    .showHelpAfterError('Add --help to see what this command takes.')
    .configureHelp({ minWidthToWrap: 20 })
    .helpOption('-h, --help', 'show help')
  if (command.commands.length > 0) command.helpCommand('help [command]', 'show help of a command')
  for (const child of command.commands) prepare(child)
}
