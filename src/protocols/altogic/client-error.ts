import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, headersOf, refused } from './answer.ts'
import { isAltogicRequest } from './path.ts'

/** Connections whose last request to this door has come, with the origin of its page: the rest of it may not be HTTP, or never come. */
const ours = new WeakMap<Socket, { readonly origin: string | undefined }>()

export const rememberClient = ({ socket, headers: { origin } }: IncomingMessage): void => {
  if (ours.get(socket)?.origin !== origin || !ours.has(socket)) ours.set(socket, { origin })
}

interface ClientError {
  readonly code: string
  readonly request: { readonly method: string; readonly url: string; readonly origin: string | undefined } | undefined
}

/** In the form that keeps the client's promise alive; undefined when it was no client of this door. */
export const answerClientError = ({ code, request }: ClientError, socket: Socket) => {
  if (request && !isAltogicRequest(request)) return undefined
  const client = request ?? ours.get(socket)
  if (!client) return undefined
  const answer = answerTo(code)
  return { status: answer.status, headers: headersOf(answer, client.origin), content: answer.content ?? '' }
}

const answerTo = (code: string): Answer => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refused(431, 'invalid_request', 'The headers of the request are larger than this server takes.').answer
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refused(408, 'request_timed_out', 'The request took too long to come in.').answer
    default:
      return refused(400, 'invalid_request', 'What came in is not HTTP/1.1 as it should be.', { reason: code }).answer
  }
}
