import { CommanderError } from '@commander-js/extra-typings'
import { catalogue } from './commands.ts'
import { exitCodes } from './exit.ts'
import { isClosedPipe, OutputClosed } from './output/lines.ts'
import { loadProgram } from './program.ts'

/** Runs one command line and leaves its exit code with the process. */
export const run = async (args: readonly string[]): Promise<void> => {
  // When nobody reads our remarks any more, the work goes on.
  process.stderr.on('error', () => {})
  // Results are written by commands that look for themselves; help is not.
  process.stdout.on('error', (error) => {
    if (!isClosedPipe(error)) process.exitCode = exitCodes.failure
  })
  try {
    if (args[0] === '__complete') {
      const { completeWords } = await import('./complete-words.ts')
      return await completeWords(args.slice(args[1] === '--' ? 2 : 1))
    }
    const line = helpFirst(args)
    const program = await loadProgram(line)
    await program.parseAsync(line, { from: 'user' })
  } catch (error) {
    process.exitCode = await exitCodeOf(error, args.includes('--json'))
  }
}

/**
 * `help queue create` for `queue create --help`: Commander's own help knows one level only, and says nothing of a name that is no
 * command's.
 */
const helpFirst = (args: readonly string[]): readonly string[] => {
  const [first, name] = args
  if (first !== 'help' || name === undefined || name.startsWith('-')) return args
  return catalogue.some((command) => command.name === name) ? [...args.slice(1), '--help'] : [name]
}

const exitCodeOf = async (error: unknown, json: boolean): Promise<number> => {
  if (error instanceof OutputClosed) return exitCodes.ok
  // Its message is on standard error already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const { report } = await import('./report.ts')
  return report(error, json)
}
