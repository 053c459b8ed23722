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
