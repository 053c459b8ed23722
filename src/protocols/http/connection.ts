import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const signals = new WeakMap<Socket, AbortSignal>()

/** Aborted when the connection closes. One for all requests of a connection, for making one costs more than looking it up. */
export const closeSignal = (socket: Socket): AbortSignal => {
  const known = signals.get(socket)
  if (known) return known
  const controller = new AbortController()
  if (socket.destroyed) controller.abort()
  else socket.once('close', () => controller.abort())
  signals.set(socket, controller.signal)
  return controller.signal
}

export const isGone = (response: ServerResponse): boolean => response.destroyed || response.socket?.writable === false

/** Whoever is still sending what was refused gets to see the answer, but not to send for ever. */
export const stopListening = (request: IncomingMessage): void => {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => request.socket.destroy(), patienceMs)
  request.once('close', () => clearTimeout(timer))
  request.resume()
}

const patienceMs = 2000
