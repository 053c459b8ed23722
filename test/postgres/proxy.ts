// What stands between a node and its database, to be cut: a proxy that sees the bytes of both.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface Proxy {
  /** The database's, through here. */
  readonly url: string
  /** Every connection breaks, and new ones are refused, until `mend`. */
  cut(): void
  mend(): void
}

export interface Wire {
  /** What the node says; it goes on unless this gives something else. */
  toServer?(bytes: Buffer, connection: Ends): Buffer
  toNode?(bytes: Buffer, connection: Ends): Buffer
}

/** A connection's two ends. */
export interface Ends {
  readonly node: Socket
  readonly server: Socket
}

export const startProxy = async (t: TestContext, url: string, wire: Wire = {}): Promise<Proxy> => {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  let isCut = false
  const listener = createServer((node) => {
    if (isCut) {
      node.destroy()
      return
    }
    const ends: Ends = { node, server: connect(Number(port), hostname) }
    for (const [from, to, seen] of [
      [node, ends.server, wire.toServer],
      [ends.server, node, wire.toNode],
    ] as const) {
      open.add(from)
      from.on('data', (bytes: Buffer) => {
        const passed = seen?.(bytes, ends) ?? bytes
        if (passed.length > 0) to.write(passed)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const cut = () => {
    isCut = true
    for (const socket of open) socket.destroy()
  }
  t.after(() => {
    cut()
    listener.close()
  })
  const through = new URL(url)
  through.port = String((listener.address() as AddressInfo).port)
  return {
    url: through.href,
    cut,
    mend() {
      isCut = false
    },
  }
}
