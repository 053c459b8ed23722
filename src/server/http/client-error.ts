import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { clientError } from '../../protocols/native/index.ts'
import type { ClientError, RootDoor } from './root-door.ts'

/**
 * For Fastify's option `clientErrorHandler`: what came over the connection is not HTTP, or came too slowly. The door that it was meant for
 * answers, as far as that can be known; else the native API.
 */
export const clientErrorHandler =
  (doors: readonly RootDoor[]) =>
  (error: Error & { code?: string; rawPacket?: unknown }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const known: ClientError = { code: error.code ?? '', request: requestIn(error.rawPacket) }
    for (const door of doors) {
      const answer = door.clientError?.(known, socket)
      if (!answer) continue
      const { status, headers, content } = answer
      const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`]
      for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
      socket.end(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${content}`)
      return
    }
    clientError(error, socket)
  }

const requestIn = (packet: unknown): ClientError['request'] => {
  if (!(packet instanceof Uint8Array)) return undefined
  const text = Buffer.from(packet.buffer, packet.byteOffset, Math.min(packet.length, 65_536)).toString('latin1')
  const [, method = '', url] = /^([A-Za-z]+) +(\S+)/.exec(text) ?? []
  if (url === undefined) return undefined
  const [head = ''] = text.split('\r\n\r\n', 1)
  return { method, url, origin: /\r\norigin:[ \t]*([!-~]+)[ \t]*(?:\r\n|$)/i.exec(head)?.[1] }
}
