import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TSchema } from 'typebox'
import type { QueueEngine } from '../../core/engine-api.ts'
import { isRefusal } from '../../core/errors.ts'
import type { Identity } from '../../core/identity/identity.ts'
import { checkerOf } from '../http/checker.ts'
import { closeSignal } from '../http/connection.ts'
import { readBody } from '../http/read-body.ts'
import { type Serve, type Shape, serving } from '../http/serve.ts'
import { authenticate } from './access.ts'
import { asProtocolError, badRequest, errorAnswer, ProtocolError } from './errors.ts'
import type { Answer, Operation } from './operation.ts'

interface Door {
  readonly engine: QueueEngine
  readonly identity: Identity
  readonly maxBodyBytes: number
}

/** Serves an operation from the start of the request to the end of its answer; without one, paths that are none. */
export const serverOf =
  (door: Door) =>
  (operation: Operation | undefined): Serve => {
    const read = operation && bodyReader(operation.body)
    const serve = async (request: IncomingMessage, path: Readonly<Record<string, string>>): Promise<Answer> => {
      if (!operation || !read) throw new ProtocolError(404, 'not_found', 'The worker protocol has no such path.')
      if (request.method !== 'POST') {
        throw new ProtocolError(405, 'method_not_allowed', 'All of the worker protocol is POST.', ['Allow', 'POST'])
      }
      const principal = await authenticate(door.identity, request.headers)
      const body = read(await readBody(request, door.maxBodyBytes, tooLarge))
      const { account } = principal
      const signal = closeSignal(request.socket)
      return operation.run({ engine: door.engine, principal, account, path, body, signal })
    }
    return serving(shape, ({ raw, params }) => serve(raw, (params ?? {}) as Record<string, string>))
  }

const shape: Shape<Answer> = {
  answerTo(error) {
    if (error instanceof ProtocolError) return errorAnswer(error)
    return isRefusal(error) ? errorAnswer(asProtocolError(error)) : undefined
  },
  failure: errorAnswer(new ProtocolError(500, 'internal', 'The server could not do this; its log says why.')),
  write: (_request, response, { status, content, headers }, requestId) =>
    write(response, status, content, requestId, headers),
}

const write = (
  response: ServerResponse,
  status: number,
  content: unknown,
  requestId: string,
  headers: readonly string[] = [],
): void => {
  const text = JSON.stringify(content)
  response.writeHead(status, [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(text)),
    'X-Request-Id',
    requestId,
    ...headers,
  ])
  response.end(text)
}

const tooLarge = (limitBytes: number): ProtocolError =>
  new ProtocolError(413, 'too_large', `The request has more than ${limitBytes} bytes.`, ['Connection', 'close'])

/** No body stands for an empty object. */
const bodyReader = (schema: TSchema): ((bytes: Buffer) => unknown) => {
  const check = checkerOf(schema)
  return (bytes) => {
    const value = bytes.length === 0 ? {} : parse(bytes)
    if (check().Check(value)) return value
    const [first] = check().Errors(value)
    const place = first?.instancePath ? `'${first.instancePath.slice(1)}' ` : ''
    throw badRequest(`The body is not as it should be: ${place}${first?.message ?? 'is wrong'}.`)
  }
}

const parse = (bytes: Buffer): unknown => {
  if (!isUtf8(bytes)) throw badRequest('The body is not UTF-8.')
  try {
    return JSON.parse(bytes.toString('utf8'), wellFormed)
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    throw badRequest('The body is not JSON.')
  }
}

const wellFormed = (_name: string, value: unknown): unknown => {
  if (typeof value === 'string' && !value.isWellFormed()) throw badRequest('A text holds half of a surrogate pair.')
  return value
}
