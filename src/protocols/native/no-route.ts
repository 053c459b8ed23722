import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemAnswer, writeAnswer } from './answer.ts'
import { ProblemError, problemOf } from './problem-error.ts'
import { givenRequestId } from './request-id.ts'
import { apiPath } from './schemas/index.ts'

interface Route {
  readonly method: string
  readonly path: string
}

/** Answers requests that no route took: the path is unknown, or its method. */
export const noRoute = (routes: readonly Route[]) => {
  const known = routes.map(({ method, path }) => ({ method, segments: path.split('/') }))
  return (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    const path = pathOf(request.url)
    const segments = path.slice(apiPath.length).split('/')
    const methods = known.filter((route) => matches(route.segments, segments)).map(({ method }) => method)
    answerError(
      request,
      reply,
      methods.length === 0 ? unknownPath(request.method, path) : wrongMethod(request, methods),
    )
  }
}

/** Writes a problem document for what went wrong outside of an operation. */
export const answerError = (request: FastifyRequest, reply: FastifyReply, error: unknown): void => {
  const requestId = givenRequestId(request.raw) ?? request.id
  const { problem, headers } = problemOf(error, requestId)
  if (problem.code === 'Internal') request.log.error({ err: error, requestId }, 'a request failed')
  writeAnswer(reply.raw, problemAnswer(problem, headers), requestId)
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url

const matches = (route: readonly string[], segments: readonly string[]): boolean =>
  route.length === segments.length && route.every((part, index) => part.startsWith(':') || part === segments[index])

const unknownPath = (method: string, path: string): ProblemError =>
  new ProblemError('PathNotFound', `There is nothing at ${path}, for ${method} or any other method.`)

const wrongMethod = ({ method }: FastifyRequest, methods: readonly string[]): ProblemError => {
  const allowed = [...new Set(methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])))].join(', ')
  return new ProblemError('MethodNotAllowed', `This path does not take ${method}, only ${allowed}.`, { allowed }, [
    'Allow',
    allowed,
  ])
}
