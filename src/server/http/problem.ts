import type { FastifyReply } from 'fastify'

/** An answer outside of every door, in the form of RFC 9457 that the native API uses too. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
}

const problemType = 'application/problem+json'

const problemText = (problem: Problem, requestId?: string): string =>
  JSON.stringify({
    type: `/api/v1/reference#${problem.code}`,
    ...problem,
    data: {},
    ...(requestId !== undefined && { requestId }),
  })

export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply
    .code(problem.status)
    .header('X-Request-Id', reply.request.id)
    .type(problemType)
    .send(problemText(problem, reply.request.id))
