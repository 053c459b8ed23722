/** What the exit code of every command means. Scripts rely on these: a meaning never changes, new ones get new numbers. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  notAuthorised: 4,
  unreachable: 5,
  refused: 6,
  partial: 7,
  unavailable: 8,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const exitCodeMeanings = {
  ok: 'Done.',
  failure: 'Something went wrong that no other code names; standard error says what.',
  usage: 'The command line, its input or the configuration is wrong.',
  notFound: 'There is no such queue, message, group, account, key or task; or nothing was received.',
  notAuthorised: 'The token is missing, unknown, expired, or does not allow this.',
  unreachable: 'No server answers at the address given.',
  refused: 'The server refused the request as it stands, for example because the queue exists already or is full.',
  partial: 'Some of several entries failed; standard error says which.',
  unavailable: 'The server cannot serve this at present; the same command may succeed later.',
  interrupted: 'Interrupted (Ctrl-C) before the work was complete.',
} as const satisfies Record<keyof typeof exitCodes, string>

/** An end of a command that its user has to know about; `hint` says what to do. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(exitCode: ExitCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.exitCode = exitCode
    this.hint = options.hint
  }
}

export const usageError = (message: string, hint?: string): Failure =>
  new Failure(exitCodes.usage, message, hint === undefined ? {} : { hint })
