import type { FastifyInstance } from 'fastify'
import { sendProblem } from './problem.ts'
import type { RootDoor } from './root-door.ts'

/**
 * Requests of HTTP/1.1 name their host (RFC 9112, 3.2). Node.js would refuse those that do not with an answer that has no content, and so
 * none that any door's client understands.
 */
export const requireHost = (app: FastifyInstance, rootDoors: readonly RootDoor[]): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    if (raw.headers.host !== undefined || raw.httpVersion === '1.0') return done()
    const { method, url } = request
    const known = { method, url, origin: raw.headers.origin }
    const door = rootDoors.find((candidate) => candidate.takes(known))
    const answer = door?.clientError?.({ code: 'missing Host header', request: known }, raw.socket)
    if (answer) {
      reply.hijack()
      reply.raw.writeHead(answer.status, ['Connection', 'close', ...answer.headers]).end(answer.content)
      return
    }
    sendProblem(reply.header('Connection', 'close'), {
      status: 400,
      code: 'MalformedRequest',
      title: 'Malformed request',
      detail: 'The request has no header Host, which HTTP/1.1 requires.',
    })
  })
}
