import type { FastifyReply, FastifyRequest } from 'fastify'

/** An API whose paths start at the root, where they could be anyone's. */
export interface RootDoor {
  /** Whether a request is to be answered by it that no route took. */
  takes(request: { readonly method: string; readonly url: string }): boolean
  serve(request: FastifyRequest, reply: FastifyReply): void
}

/** Serves a request that the router could not place, if any of these doors takes it. */
export const serveStray = (doors: readonly RootDoor[], request: FastifyRequest, reply: FastifyReply): boolean => {
  const { method = '', url = '' } = request.raw
  const door = doors.find((candidate) => candidate.takes({ method, url }))
  door?.serve(request, reply)
  return door !== undefined
}
