import type { ServerResponse } from 'node:http'
import { utf8AsLatin1 } from '../http/latin1.ts'

/** What a request is answered with. */
export interface Answer {
  readonly status: number
  /** Text with one character a byte (see http/latin1.ts); absent: no body. */
  readonly content?: string
  /** Default: application/json. */
  readonly type?: string
  /** Names and values, one after the other. `location` is in lower case: openstacksdk does not find it otherwise. */
  readonly headers?: readonly string[]
}

/** An answer that is thrown. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}

export const json = (value: unknown): string => utf8AsLatin1(JSON.stringify(value))

export const ok = (content: string, headers?: readonly string[]): Answer =>
  headers ? { status: 200, content, headers } : { status: 200, content }

export const okJson = (value: unknown, headers?: readonly string[]): Answer => ok(json(value), headers)

export const noContent = (headers?: readonly string[]): Answer => (headers ? { status: 204, headers } : nothing)
const nothing: Answer = { status: 204 }

export const refused = (status: number, title: string, description?: string, headers?: readonly string[]): Refused =>
  new Refused({
    status,
    content: json(description === undefined ? { title } : { title, description }),
    ...(headers && { headers }),
  })

export const badValue = (description: string): Refused => refused(400, 'Invalid API request', description)
export const badBody = (description: string): Refused => refused(400, 'Invalid request body', description)
export const notParsed = (): Refused => badBody('Request body could not be parsed.')
export const wrongDocument = (): Refused => badBody('Document type not supported.')
export const badParameter = (name: string, kind: string): Refused =>
  refused(400, 'Invalid parameter', `The "${name}" parameter is invalid. The value must be ${kind}.`)
export const missingParameter = (name: string): Refused =>
  refused(400, 'Missing parameter', `The "${name}" parameter is required.`)
export const badName = (description: string): Refused => refused(400, 'Invalid queue identification', description)
export const cannotDelete = (status: number, description: string): Refused =>
  refused(status, 'Unable to delete', description)
export const notFound = (description: string): Refused => refused(404, 'Not found', description)
export const pathNotFound = (): Refused => refused(404, '404 Not Found')
export const forbidden = (description: string): Refused => refused(403, 'Forbidden', description)

export const methodNotAllowed = (methods: readonly string[]): Refused =>
  refused(405, '405 Method Not Allowed', undefined, ['Allow', methods.join(', ')])

/** In the form of OpenStack's own gatekeeper, which stands before Zaqar. */
export const unauthorized = (message: string, origin: string): Refused =>
  new Refused({
    status: 401,
    content: json({ error: { code: 401, title: 'Unauthorized', message } }),
    headers: ['WWW-Authenticate', `Keystone uri="${origin}/v3"`],
  })

export const serverError: Answer = {
  status: 500,
  content: json({ title: 'Internal server error', description: 'The server failed; its log says why.' }),
}

export const writeAnswer = (response: ServerResponse, answer: Answer, requestId: string): void => {
  const { status, content, type = 'application/json', headers = [] } = answer
  const all =
    content === undefined
      ? status === 204
        ? [...headers, 'X-Request-Id', requestId]
        : ['Content-Length', '0', ...headers, 'X-Request-Id', requestId]
      : ['Content-Type', type, 'Content-Length', String(content.length), ...headers, 'X-Request-Id', requestId]
  response.writeHead(status, all)
  response.end(content, 'latin1')
}
