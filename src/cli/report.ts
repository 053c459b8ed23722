import { type ErrorCode, isMillraceError, type MillraceError } from '../client/index.ts'
import { type ExitCode, exitCodes, Failure } from './exit.ts'

/** Tells the user what went wrong, as a sentence or as JSON, and gives the exit code for it. */
export const report = (error: unknown, json: boolean): ExitCode => {
  const told = describe(error)
  process.stderr.write(json ? `${JSON.stringify({ error: told })}\n` : sentences(told))
  return told.exitCode
}

interface Told {
  readonly exitCode: ExitCode
  /** The code of the server's refusal, or of the kind of failure. */
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly requestId?: string
}

export const describe = (error: unknown): Told => {
  if (error instanceof Failure) {
    const { exitCode, message, hint } = error
    return { exitCode, code: nameOf(exitCode), message, ...(hint === undefined ? {} : { hint }) }
  }
  if (isMillraceError(error)) return describeClientError(error)
  if (!(error instanceof Error)) return { exitCode: exitCodes.failure, code: 'failure', message: String(error) }
  // From the server's room, which only the commands that run one import.
  if (error.name === 'ConfigError') return { exitCode: exitCodes.usage, code: 'usage', message: error.message }
  const isForPeople = error.name === 'StartError' || error.name === 'StoreFailure' || 'code' in error
  const message = isForPeople ? error.message : `A defect of this program: ${error.stack ?? error.message}`
  return { exitCode: exitCodes.failure, code: 'failure', message }
}

const describeClientError = (error: MillraceError): Told => {
  const exitCode = exitCodeOf(error)
  const hint = /certificate/i.test(error.message) ? certificateHint : (hintsByCode[error.code] ?? hints[exitCode])
  return {
    exitCode,
    code: error.code,
    message: error.message,
    ...(hint === undefined ? {} : { hint }),
    ...(error.requestId === null ? {} : { requestId: error.requestId }),
  }
}

const hints: { readonly [Code in ExitCode]?: string } = {
  [exitCodes.notAuthorised]: 'Give the token of a key that may do this in MILLRACE_TOKEN or --token.',
  [exitCodes.unreachable]: "Is the server running, and is --url or MILLRACE_URL right? 'millrace serve' starts one.",
}

/** Messages of refusals are those of the API; this is what helps at a command line. */
const hintsByCode: { readonly [Code in ErrorCode]?: string } = {
  QueueNotFound: "'millrace queue list' shows the queues that there are.",
  GroupNotFound: "'millrace queue group list' shows the groups of a queue.",
  StoreUnavailable: 'The log of the server says why.',
  GroupsNotEnabled: "'millrace queue create <name> --consumer-groups on' makes a queue that has them.",
  AccountNotFound: "'millrace account list' shows the accounts that there are.",
}

const certificateHint =
  'To trust a certificate authority of your own, name the file of its certificate in NODE_EXTRA_CA_CERTS.'

const sentences = ({ exitCode, message, hint, requestId }: Told): string => {
  const inLog =
    exitCode === exitCodes.failure && requestId ? `The log of the server says more of request ${requestId}.` : ''
  return ['millrace: '.concat(message), hint, inLog]
    .filter((line) => line)
    .join('\n')
    .concat('\n')
}

const nameOf = (exitCode: ExitCode): string =>
  Object.entries(exitCodes).find(([, value]) => value === exitCode)?.[0] ?? 'failure'

/** A newer server may answer with codes that are not in the table: then its status decides. */
const exitCodeOf = (error: MillraceError): ExitCode => {
  const known = new Map<string, ExitCode>(Object.entries(byCode)).get(error.code)
  if (known !== undefined) return known
  const { status } = error
  if (status === 401 || status === 403) return exitCodes.notAuthorised
  if (status === 404) return exitCodes.notFound
  if (status === 429 || status === 503) return exitCodes.unavailable
  if (status === 400 || status === 422) return exitCodes.usage
  return status !== null && status < 500 ? exitCodes.refused : exitCodes.failure
}

const { failure, usage, notFound, notAuthorised, unreachable, refused, unavailable, interrupted } = exitCodes

const byCode = {
  Network: unreachable,
  Timeout: unreachable,
  Aborted: interrupted,
  InvalidBody: usage,
  InvalidAnswer: unreachable,
  Closed: failure,
  QueueNotFound: notFound,
  GroupNotFound: notFound,
  MessageNotFound: notFound,
  ClaimNotFound: notFound,
  TaskNotFound: notFound,
  AccountNotFound: notFound,
  KeyNotFound: notFound,
  Unauthorized: notAuthorised,
  Forbidden: notAuthorised,
  QueueExists: refused,
  GroupExists: refused,
  GroupsNotEnabled: refused,
  TooManyQueues: refused,
  TooManyGroups: refused,
  TagRuleFixed: refused,
  TaskNotRunning: refused,
  TaskAlreadyRunning: refused,
  LeaseLost: refused,
  MessageLeased: refused,
  MessageNotClaimed: refused,
  OrderedQueue: refused,
  MessageTooLarge: refused,
  QueueFull: refused,
  QueueNotEmpty: refused,
  IdempotencyKeyReused: refused,
  AccountNotEmpty: refused,
  Configured: refused,
  BackupRefused: refused,
  NotSupported: refused,
  ReceiptHandleInvalid: usage,
  SettingInvalid: usage,
  InputInvalid: usage,
  ArgumentInvalid: usage,
  InvalidRequest: usage,
  MalformedJson: usage,
  MalformedRequest: usage,
  PayloadTooLarge: refused,
  HeadersTooLarge: refused,
  UnsupportedContentType: usage,
  RequestTimeout: unavailable,
  TooManyLeased: unavailable,
  TooManyWaiting: unavailable,
  StoreUnavailable: unavailable,
  ShuttingDown: unavailable,
  // Some other program, or a version of Millrace that does not know the path.
  PathNotFound: failure,
  MethodNotAllowed: failure,
  Internal: failure,
} as const satisfies Record<ErrorCode, ExitCode>
