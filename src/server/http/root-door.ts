import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** An API whose paths start at the root, where they could be anyone's. */
export interface RootDoor {
  /** Whether a request is to be answered by it that no route took. */
  takes(request: { readonly method: string; readonly url: string }): boolean
  serve(request: FastifyRequest, reply: FastifyReply): void
  /**
   * What becomes of requests that an open server is not open to, see `guardOpenServer`: `serve`, where the door asks for credentials all the
   * same, or an answer in the door's own form.
   */
  readonly strangers?: 'serve' | ((request: FastifyRequest, reply: FastifyReply) => void)
  /** What a client of this door is told when what it sent is not HTTP, or came too slowly; undefined: it was no client of this door. */
  clientError?(error: ClientError, socket: Socket): RawAnswer | undefined
}

/** What is known of a request that Node.js could not read. */
export interface ClientError {
  /** As Node.js has it: `HPE_HEADER_OVERFLOW`. */
  readonly code: string
  /** Where what came last begins a request. */
  readonly request: { readonly method: string; readonly url: string; readonly origin: string | undefined } | undefined
}

export interface RawAnswer {
  readonly status: number
  /** Names and values, one after the other; all but that of the connection. */
  readonly headers: readonly string[]
  readonly content: string
}

/** Serves a request that the router could not place, if any of these doors takes it. */
export const serveStray = (doors: readonly RootDoor[], request: FastifyRequest, reply: FastifyReply): boolean => {
  const { method = '', url = '' } = request.raw
  const door = doors.find((candidate) => candidate.takes({ method, url }))
  door?.serve(request, reply)
  return door !== undefined
}
