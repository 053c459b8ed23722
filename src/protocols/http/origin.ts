import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

/** Where the client of a request reaches this server, without a slash at the end, for answers that have to name it. */
export type OriginOf = (request: IncomingMessage) => string

/**
 * What is configured; else the host that the request itself named, if that is a host and nothing more, else the address it came to.
 * Whoever sends a request with a wrong host gets it back, and nobody else.
 */
export const originOf = (publicUrl: string | undefined): OriginOf => {
  const configured = publicUrl?.replace(/\/+$/, '')
  return (request) => {
    if (configured !== undefined) return configured
    const { socket, headers } = request
    const scheme = (socket as Partial<TLSSocket>).encrypted ? 'https' : 'http'
    const { host } = headers
    return `${scheme}://${host !== undefined && hostForm.test(host) ? host : addressOf(request)}`
  }
}

const hostForm = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/

const addressOf = ({ socket: { localAddress = '127.0.0.1', localPort } }: IncomingMessage): string =>
  `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
