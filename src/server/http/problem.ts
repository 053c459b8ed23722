import type { FastifyReply } from 'fastify'
import { apiPath, problemContentType } from '../../protocols/native/schemas/common.ts'

/** An answer outside of every door, in the form of RFC 9457 that the native API uses too. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
}

export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply => {
  const { id: requestId } = reply.request
  return reply
    .code(problem.status)
    .header('X-Request-Id', requestId)
    .type(problemContentType)
    .send(JSON.stringify({ type: `${apiPath}/reference#${problem.code}`, ...problem, data: {}, requestId }))
}
