import type { FastifyInstance } from 'fastify'
import { isLoopback } from './loopback.ts'
import { sendProblem } from './problem.ts'
import type { RootDoor } from './root-door.ts'

/**
 * An open server asks for no credentials, and every web page that a person on this machine looks at can send requests
 * to it. So while it is open, a request has to name this machine itself as its host (a page of another site that has
 * its name resolve to 127.0.0.1 does not), and a browser's request has to come from a page of this machine. Doors at the
 * root may say what becomes of others.
 */
export const guardOpenServer = (
  app: FastifyInstance,
  isOpen: () => boolean,
  publicUrl: string | undefined,
  rootDoors: readonly RootDoor[] = [],
): void => {
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).hostname
  const isOurs = (host: string) => isLoopback(host) || host === publicHost
  // Nearly every request names the same host.
  let lastHost = ''
  const isOurHost = (host: string): boolean => {
    if (host === lastHost) return true
    if (!isOurs(hostOf(`http://${host}`))) return false
    lastHost = host
    return true
  }

  app.addHook('onRequest', (request, reply, done) => {
    const { host, origin } = request.headers
    const isOwn = (host === undefined || isOurHost(host)) && (origin === undefined || isOurs(hostOf(origin)))
    const strangers = isOwn || !isOpen() ? 'serve' : rootDoors.find((door) => door.takes(request))?.strangers
    if (strangers === 'serve') done()
    else if (strangers) strangers(request, reply)
    else {
      sendProblem(reply, {
        status: 403,
        code: 'Forbidden',
        title: 'Forbidden',
        detail:
          'This server is open to its own machine only. Reach it as 127.0.0.1 or localhost, or give it an account, ' +
          'so that it checks credentials instead.',
      })
    }
  })
}

/** Empty when there is none. */
const hostOf = (url: string): string => URL.parse(url)?.hostname ?? ''
