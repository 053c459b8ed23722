import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { StartError } from '../start-error.ts'

/** Listens, and returns the address under which this machine reaches the server. */
export const listen = async (
  app: FastifyInstance,
  { host, port, secure }: { host: string; port: number; secure: boolean },
): Promise<string> => {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, host, port)
  }
  const { port: listeningPort } = app.server.address() as AddressInfo
  return `${secure ? 'https' : 'http'}://${reachable(host)}:${listeningPort}`
}

/** An address of all interfaces is none to connect to. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

const cannotListen = (error: NodeJS.ErrnoException, host: string, port: number): unknown => {
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} of ${host} is in use: another server runs there. Stop it, or choose another port (--port).`,
    EACCES: `Port ${port} may not be listened on by this user. Choose one above 1023 (--port).`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Choose another one (--host).`,
    ENOTFOUND: `There is no host named ${host}. Choose another one (--host).`,
  }
  const sentence = sentences[error.code ?? '']
  return sentence === undefined ? error : new StartError(sentence)
}
