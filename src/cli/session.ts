import type { Millrace } from '../client/index.ts'
import type { ClientOptions } from './command.ts'
import type { ExitCode } from './exit.ts'
import { listenForInterrupt } from './interrupt.ts'
import { createOutput, type Output, type OutputOptions } from './output/output.ts'

/** What every command works with. */
export interface Session {
  readonly output: Output
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal
}

export interface ClientSession extends Session {
  readonly client: Millrace
}

/** Returns the exit code, or nothing when all went well; throws what has to be reported. */
type Body<Context, Args extends unknown[]> = (context: Context, ...args: Args) => Promise<ExitCode | undefined>

/** The action of a command that needs no server. */
export const locally =
  <Args extends unknown[]>(body: Body<Session, Args>) =>
  async (...args: Args): Promise<void> => {
    const session = { output: createOutput(optionsOf(args)), interrupted: listenForInterrupt() }
    finish(await body(session, ...args))
  }

/** The action of a command that talks to a server. */
export const withClient =
  <Args extends unknown[]>(body: Body<ClientSession, Args>) =>
  async (...args: Args): Promise<void> => {
    const options = optionsOf(args) as ClientOptions
    const { connect } = await import('./connect.ts')
    const client = connect(options)
    try {
      const session = { output: createOutput(options), interrupted: listenForInterrupt(), client }
      finish(await body(session, ...args))
    } finally {
      await client.close()
    }
  }

/** Commander hands over the arguments, then the options, then the command itself. */
const optionsOf = (args: readonly unknown[]): OutputOptions => args.at(-2) as OutputOptions

const finish = (exitCode: ExitCode | undefined): void => {
  if (exitCode !== undefined) process.exitCode = exitCode
}
