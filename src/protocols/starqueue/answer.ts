import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a request is answered with. */
export interface Answer {
  readonly status: number
  readonly content: Readonly<Record<string, unknown>>
  /** Names and values, one after the other. */
  readonly headers?: readonly string[]
  /** Called instead, when the client has gone. */
  readonly ifGone?: () => Promise<unknown>
}

export const ok = (content: Answer['content']): Answer => ({ status: 200, content })

/** An answer that is thrown. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}

export const badRequest = (detail: string): Refused => new Refused({ status: 400, content: { detail } })
export const accessDenied = (): Refused => new Refused({ status: 403, content: { detail: 'access denied' } })
export const notFound = (): Refused => new Refused({ status: 404, content: { error: 'not found' } })
export const tooMany = (error: string): Refused =>
  new Refused({ status: 429, content: { error }, headers: ['Retry-After', '10'] })
export const bodyTooLarge = (maxBytes: number): Refused =>
  new Refused({ status: 413, content: { detail: `The request exceeds maximum ${maxBytes} bytes` } })

export const serverError: Answer = { status: 500, content: { error: 'server error' } }

/** What lets pages of any origin read any answer. */
const forEveryOrigin = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'Retry-After, X-Request-Id',
] as const

export const writeAnswer = (response: ServerResponse, answer: Answer, requestId: string): void => {
  const content = JSON.stringify(answer.content)
  response.writeHead(answer.status, [
    ...forEveryOrigin,
    'Cache-Control',
    'no-store',
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(content)),
    'X-Request-Id',
    requestId,
    ...(answer.headers ?? []),
  ])
  response.end(content)
}

/** A browser asks whether a page may send what it is about to send: it may. */
export const writePreflight = (request: IncomingMessage, response: ServerResponse, requestId: string): void => {
  const asked = request.headers['access-control-request-headers']
  const wanted = typeof asked === 'string' && headerNames.test(asked) ? `, ${asked}` : ''
  response.writeHead(200, [
    ...forEveryOrigin,
    'Access-Control-Allow-Methods',
    'POST, OPTIONS',
    'Access-Control-Allow-Headers',
    `authtoken, authorization, content-type${wanted}`,
    'Access-Control-Max-Age',
    '86400',
    'Allow',
    'POST, OPTIONS',
    'Vary',
    'Access-Control-Request-Headers',
    'Content-Length',
    '0',
    'X-Request-Id',
    requestId,
  ])
  response.end()
}

const headerNames = /^[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+){0,99}$/
