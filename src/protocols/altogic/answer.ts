import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a request is answered with. */
export interface Answer {
  readonly status: number
  /** JSON; null for the answer to a preflight. */
  readonly content: string | null
  /** Names and values, one after the other. */
  readonly headers?: readonly string[]
}

export const ok = (value: unknown): Answer => ({ status: 200, content: JSON.stringify(value) })

export type ErrorCode =
  | 'missing_client_key'
  | 'invalid_client_key'
  | 'missing_request_origin'
  | 'domain_not_authorized'
  | 'missing_session_token'
  | 'invalid_session_token'
  | 'not_allowed'
  | 'validation_error'
  | 'content_type_error'
  | 'invalid_request_body_syntax'
  | 'request_body_size_too_large'
  | 'invalid_id_value'
  | 'queue_not_found'
  | 'resource_not_found'
  | 'method_not_allowed'
  | 'rate_limit_exceeded'
  | 'queue_full'
  | 'email_not_unique'
  | 'invalid_credentials'
  | 'invalid_request'
  | 'request_timed_out'
  | 'service_unavailable'
  | 'internal_server_error'

/** One thing that is wrong, as the client shows it to its user. Three of the members have to be texts, or clients break. */
export interface ErrorEntry {
  readonly origin: 'client_error' | 'server_error'
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** The client parses whatever is no success as JSON, and ends its process if that fails: every answer goes through here. */
const errorAnswer = (status: number, errors: readonly ErrorEntry[], headers: readonly string[] = []): Answer => ({
  status,
  content: JSON.stringify({ errors }),
  headers,
})

/** An answer that is thrown. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}

export const refused = (
  status: number,
  code: ErrorCode,
  message: string,
  details?: ErrorEntry['details'],
  headers?: readonly string[],
): Refused => new Refused(errorAnswer(status, [entryOf(status, code, message, details)], headers))

const entryOf = (status: number, code: ErrorCode, message: string, details?: ErrorEntry['details']): ErrorEntry => ({
  origin: status >= 500 ? 'server_error' : 'client_error',
  code,
  message,
  ...(details && { details }),
})

/** One entry for each field that is wrong. */
export const invalidFields = (
  faults: readonly { message: string; details: Readonly<Record<string, unknown>> }[],
): Refused =>
  new Refused(
    errorAnswer(
      400,
      faults.map(({ message, details }) => ({ origin: 'client_error', code: 'validation_error', message, details })),
    ),
  )

export const serverError = errorAnswer(500, [
  entryOf(500, 'internal_server_error', 'Something went wrong in the server.'),
])

export const tooMany = (message: string): Refused =>
  refused(429, 'rate_limit_exceeded', message, undefined, ['Retry-After', '10'])

export const bodyTooLarge = (limitBytes: number): Refused =>
  refused(413, 'request_body_size_too_large', `The body of the request has more than ${limitBytes} bytes.`, {
    limitBytes,
  })

export const writeAnswer = (
  { headers }: Pick<IncomingMessage, 'headers'>,
  response: ServerResponse,
  answer: Answer,
  requestId: string,
): void => {
  response.writeHead(answer.status, [...headersOf(answer, headers.origin), 'X-Request-Id', requestId])
  response.end(answer.content ?? '')
}

/** All but those that belong to the connection. */
export const headersOf = ({ status, content, headers = [] }: Answer, origin: string | undefined): string[] => [
  ...forPagesOf(origin),
  'Cache-Control',
  'no-store',
  ...(content === null ? [] : ['Content-Type', 'application/json; charset=utf-8']),
  ...(status === 204 ? [] : ['Content-Length', String(Buffer.byteLength(content ?? ''))]),
  ...headers,
]

/**
 * The client's pages send credentials, so each origin has to be named. Any may read the answer; whether it may do anything is for the
 * authorised domains of its client key to say.
 */
const forPagesOf = (origin: string | undefined): readonly string[] =>
  origin === undefined
    ? ['Vary', 'Origin']
    : [
        'Access-Control-Allow-Origin',
        origin,
        'Access-Control-Allow-Credentials',
        'true',
        'Access-Control-Expose-Headers',
        'Retry-After, X-Request-Id',
        'Vary',
        'Origin',
      ]

/** A browser asks whether a page may send what it is about to send: it may. */
export const preflight: Answer = {
  status: 204,
  content: null,
  headers: [
    'Access-Control-Allow-Methods',
    'GET, POST, PUT, DELETE, OPTIONS',
    'Access-Control-Allow-Headers',
    'Content-Type, X-Client, X-Client-Key, Session, Authorization',
    'Access-Control-Max-Age',
    '7200',
  ],
}
