import type { RefusalCode } from '../../core/errors.ts'
import type { DoorCode, ProblemCode } from './schemas/index.ts'

/** How a problem is answered. */
export interface ProblemKind {
  readonly status: number
  readonly title: string
  /** What to do about it, where the sentence that describes the problem does not say. */
  readonly advice?: string
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number
}

/** Every way in which core says no. */
const refusals = {
  QueueNotFound: {
    status: 404,
    title: 'Queue not found',
    advice: 'Create it with PUT /api/v1/queues/{queue}, or send a message to it.',
  },
  QueueExists: {
    status: 409,
    title: 'Queue exists',
    advice: 'Use ifExists=keep to take it as it is, or PATCH to change its settings.',
  },
  GroupNotFound: {
    status: 404,
    title: 'Consumer group not found',
    advice: 'Create it with PUT /api/v1/queues/{queue}/groups/{group}.',
  },
  GroupExists: { status: 409, title: 'Consumer group exists', advice: 'Use ifExists=keep to take it as it is.' },
  GroupsNotEnabled: { status: 409, title: 'Queue without consumer groups' },
  TooManyQueues: { status: 409, title: 'Too many queues' },
  TooManyGroups: { status: 409, title: 'Too many consumer groups' },
  TagRuleFixed: {
    status: 409,
    title: 'Tag rule fixed',
    advice: 'A group keeps its tag rule for life; make another group for other messages.',
  },
  MessageNotFound: {
    status: 404,
    title: 'Message not found',
    advice: 'GET /api/v1/messages/{id} tells what became of it, for seven days from its send.',
  },
  ClaimNotFound: { status: 404, title: 'Claim not found', advice: 'Make a new one.' },
  TaskNotFound: { status: 404, title: 'Task not found', advice: 'GET /api/v1/tasks lists those there are.' },
  TaskNotRunning: { status: 409, title: 'Task not running', advice: 'There is nothing left to cancel.' },
  TaskAlreadyRunning: {
    status: 409,
    title: 'Task already running',
    advice: 'Wait until it ends, or cancel it with DELETE /api/v1/tasks/{id}.',
  },
  ReceiptHandleInvalid: {
    status: 400,
    title: 'Receipt handle invalid',
    advice: 'Use the receiptHandle that the receive gave, with the queue that it came from.',
  },
  LeaseLost: {
    status: 409,
    title: 'Lease lost',
    advice: 'Extend leases in time, or receive with a longer visibilityTimeoutMs.',
  },
  MessageLeased: {
    status: 409,
    title: 'Message leased',
    advice: 'Settle it by its receipt handle, name its claim, or use leased=anyway.',
  },
  MessageNotClaimed: { status: 409, title: 'Message not claimed', advice: 'Name the claim that it is under, or none.' },
  OrderedQueue: { status: 409, title: 'Ordered queue', advice: 'Release the message with a delay instead.' },
  SettingInvalid: { status: 400, title: 'Setting invalid' },
  ArgumentInvalid: { status: 400, title: 'Argument invalid' },
  MessageTooLarge: {
    status: 413,
    title: 'Message too large',
    advice: 'Send less, or raise the queue’s maxMessageBytes.',
  },
  InputInvalid: {
    status: 422,
    title: 'Input invalid',
    advice: 'See data.violations, and the queue’s setting input.',
  },
  QueueFull: {
    status: 429,
    title: 'Queue full',
    advice: 'Send again when messages have been deleted, or raise the queue’s maxMessages.',
    retryAfter: 1,
  },
  TooManyLeased: {
    status: 429,
    title: 'Too many leased',
    advice: 'Settle what is in work first, or raise the queue’s maxLeased.',
    retryAfter: 1,
  },
  QueueNotEmpty: { status: 409, title: 'Queue not empty' },
  IdempotencyKeyReused: {
    status: 422,
    title: 'Idempotency key reused',
    advice: 'Repeat the very request that it was first used for, or take a new key.',
  },
  TooManyWaiting: {
    status: 503,
    title: 'Too many waiting',
    advice: 'Receive with waitMs=0, or again later.',
    retryAfter: 1,
  },
  StoreUnavailable: { status: 503, title: 'Store unavailable', retryAfter: 1 },
  ShuttingDown: { status: 503, title: 'Shutting down', retryAfter: 1 },
} satisfies Record<RefusalCode, ProblemKind>

/** Every way in which this door says no by itself. */
const ownProblems = {
  InvalidRequest: {
    status: 400,
    title: 'Invalid request',
    advice: 'GET /api/v1/reference describes what may be sent.',
  },
  MalformedJson: { status: 400, title: 'Malformed JSON' },
  MalformedRequest: { status: 400, title: 'Malformed request' },
  PayloadTooLarge: {
    status: 413,
    title: 'Request too large',
    advice: 'Send less in one request, or raise the server’s limit on request bodies.',
  },
  HeadersTooLarge: {
    status: 431,
    title: 'Headers too large',
    advice: 'Send large attributes in a batch, where they stand in the body.',
  },
  UnsupportedContentType: { status: 415, title: 'Unsupported content type' },
  RequestTimeout: { status: 408, title: 'Request timeout', advice: 'Send the whole request without long pauses.' },
  Unauthorized: {
    status: 401,
    title: 'Unauthorized',
    advice:
      'Send the header "Authorization: Bearer TOKEN" with the token of an access key; `millrace key create` makes one.',
  },
  Forbidden: { status: 403, title: 'Forbidden', advice: 'Use a key that has it.' },
  PathNotFound: { status: 404, title: 'Path not found', advice: 'GET /api/v1/reference lists all operations.' },
  MethodNotAllowed: { status: 405, title: 'Method not allowed' },
  AccountNotFound: {
    status: 404,
    title: 'Account not found',
    advice: 'Create it with PUT /api/v1/accounts/{account}.',
  },
  AccountNotEmpty: { status: 409, title: 'Account not empty', advice: 'Delete its queues first.' },
  Configured: {
    status: 409,
    title: 'Set by the configuration file',
    advice: 'Change it there, and restart the server.',
  },
  KeyNotFound: {
    status: 404,
    title: 'Key not found',
    advice: 'GET /api/v1/accounts/{account}/keys lists those there are.',
  },
  BackupRefused: { status: 409, title: 'Backup refused' },
  NotSupported: { status: 501, title: 'Not supported' },
  Internal: {
    status: 500,
    title: 'Internal error',
    advice: 'This is a defect of the server: its log has the particulars under this request id.',
  },
} satisfies Record<DoorCode, ProblemKind>

export const problems: Readonly<Record<ProblemCode, ProblemKind>> = { ...refusals, ...ownProblems }
