import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const prefix = randomBytes(5).toString('hex')
let count = 0

const sane = /^[\w.:/+=@-]{1,128}$/

/** For Fastify's option `genReqId`: the id that the client gave its request, if it can stand in headers and logs, or a new one. */
export const requestIdOf = (request: Pick<IncomingMessage, 'headers'>): string =>
  givenRequestId(request) ?? newRequestId()

export const givenRequestId = ({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined => {
  const given = headers['x-request-id']
  return typeof given === 'string' && sane.test(given) ? given : undefined
}

export const newRequestId = (): string => {
  count++
  return `${prefix}-${count.toString(36)}`
}
