import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isGone, stopListening } from './connection.ts'
import { ClientGone } from './read-body.ts'

export type Serve = (request: FastifyRequest, reply: FastifyReply) => void

/** How a door says what its operations answer, and what stands in their way. */
export interface Shape<Answer> {
  /** In the door's own words; undefined for what nobody expected, which is logged and answered with `failure`. */
  answerTo(error: unknown): Answer | undefined
  readonly failure: Answer
  write(request: IncomingMessage, response: ServerResponse, answer: Answer, requestId: string): void
}

interface MayBeUndone {
  /** Called instead of being written, when the client has gone. */
  readonly ifGone?: (() => Promise<unknown>) | undefined
}

/** Serves requests from their start to the end of the answer, past the framework's own ways of answering. */
export const serving =
  <Answer extends object>(
    shape: Shape<Answer>,
    answer: (request: FastifyRequest) => Promise<Answer & MayBeUndone>,
  ): Serve =>
  (request, reply) => {
    reply.hijack()
    void respond(shape, answer(request), request, reply.raw)
  }

const respond = async <Answer extends object>(
  shape: Shape<Answer>,
  answering: Promise<Answer & MayBeUndone>,
  { raw: request, id, log }: FastifyRequest,
  response: ServerResponse,
): Promise<void> => {
  try {
    const answer = await answering
    if (isGone(response)) await answer.ifGone?.()
    else shape.write(request, response, answer, id)
  } catch (error) {
    if (error instanceof ClientGone || isGone(response)) return
    const answer = shape.answerTo(error)
    if (!answer) log.error({ err: error, requestId: id }, 'a request failed')
    shape.write(request, response, answer ?? shape.failure, id)
  }
  // Whatever nobody wanted of its body.
  stopListening(request)
}
