import type { ServerResponse } from 'node:http'
import { utf8AsLatin1 } from '../http/latin1.ts'
import type { Refused } from './problems.ts'

/** What a request is answered with. */
export interface Answer {
  readonly status: number
  /** JSON, one character for each byte; absent: there is no body. */
  readonly text?: string
  /** Called instead, when the client has gone. */
  readonly ifGone?: () => Promise<unknown>
}

const json = (status: number, value: unknown): Answer => ({ status, text: utf8AsLatin1(JSON.stringify(value)) })

export const ok = (value: unknown): Answer => json(200, value)
export const created = (value: unknown): Answer => json(201, value)
export const noContent: Answer = { status: 204 }

/** In both of the forms that clients look for. */
export const refusal = ({ status, code, message }: Refused): Answer =>
  json(status, { code, message, error_code: `DMS.${code}`, error_msg: message })

export const writeAnswer = (response: ServerResponse, { status, text }: Answer, requestId: string): void => {
  const content = text === undefined ? [] : ['Content-Type', 'application/json', 'Content-Length', String(text.length)]
  const later = status === 503 ? ['Retry-After', '1'] : []
  response.writeHead(status, [...content, ...later, 'X-Request-Id', requestId])
  response.end(text, 'latin1')
}
