import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { frameworkError } from '../../protocols/native/index.ts'

/**
 * What is answered, outside of every door, to what nobody could have asked better: Fastify would call each a defect of the server, a store that
 * is away too, and say what was thrown.
 */
export const answerFailure = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
  if ((error.statusCode ?? 500) < 500) reply.send(error)
  else frameworkError(error, request, reply)
}
