import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { answerError } from './no-route.ts'
import { ProblemError, problemOf } from './problem-error.ts'
import { newRequestId } from './request-id.ts'
import { problemContentType } from './schemas/index.ts'

// What goes wrong before any route is found concerns the whole server: these are for its options.

/** Longest part of a path that stands for a parameter: a queue's name of 1,024 bytes, percent-encoded, and more. */
export const maxParamLength = 8192

/** For Fastify's option `frameworkErrors`: paths that cannot be decoded, or whose parts are too long. */
export const frameworkError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
  reply.hijack()
  answerError(request, reply, asProblem(error))
}

/** An error of Fastify itself, in this API's terms. */
export const asProblem = (error: unknown): unknown => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  switch (code) {
    case 'FST_ERR_BAD_URL':
      return new ProblemError(
        'MalformedRequest',
        'The path has a percent sign that does not begin an escape of UTF-8; write a percent sign itself as %25.',
      )
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ProblemError('MalformedRequest', `A part of the path has more than ${maxParamLength} characters.`)
    default:
      return error
  }
}

/** For Fastify's option `clientErrorHandler`: what came over the connection is not HTTP, or came too slowly. */
export const clientError = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const requestId = newRequestId()
  const { problem } = problemOf(protocolProblem(error.code), requestId)
  const content = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(content)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${content}`)
}

const protocolProblem = (code = ''): ProblemError => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ProblemError('HeadersTooLarge', 'The headers of the request are larger than this server takes.')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ProblemError('PayloadTooLarge', 'The chunk extensions of the body are larger than this server takes.')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ProblemError('RequestTimeout', 'The request took too long to come in.')
    default:
      return new ProblemError(
        'MalformedRequest',
        `What came in is not HTTP/1.1 as it should be (${code || 'no code'}).`,
      )
  }
}
