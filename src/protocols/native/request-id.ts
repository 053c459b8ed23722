import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const prefix = randomBytes(5).toString('hex')
let count = 0

const sane = /^[\w.:/+=@-]{1,128}$/

/** The id that the client gave its request, if it can stand in headers and logs, or a new one. */
export const requestIdOf = (request: Pick<IncomingMessage, 'headers'>): string => {
  const given = request.headers['x-request-id']
  if (typeof given === 'string' && sane.test(given)) return given
  count++
  return `${prefix}-${count.toString(36)}`
}
