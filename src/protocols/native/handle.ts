import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { isGone } from '../http/connection.ts'
import { ClientGone } from '../http/read-body.ts'
import { authenticate, requireScope } from './access.ts'
import { type Answer, problemAnswer, streamAnswer, writeAnswer } from './answer.ts'
import { readBody } from './body.ts'
import { jsonReader } from './json-body.ts'
import type { Call, Documents, Operation } from './operation.ts'
import type { NativeApiOptions, NativeLimits } from './options.ts'
import { invalid, problemOf } from './problem-error.ts'
import { queryReader } from './query.ts'
import { givenRequestId } from './request-id.ts'
import { strict } from './schemas/index.ts'

export interface Door extends Omit<NativeApiOptions, 'limits'> {
  readonly limits: NativeLimits
  readonly documents: Documents
}

/**
 * A hook for Fastify that serves an operation from the start of the request to the end of its answer. Fastify finds the
 * route and runs the server's own hooks; what it does beyond that would cost the hot operations a fifth of their rate.
 */
export const handlerOf = (
  operation: Operation,
  door: Door,
): ((request: FastifyRequest, reply: FastifyReply) => void) => {
  const serve = serverOf(operation, door)
  return (request, reply) => {
    reply.hijack()
    const requestId = givenRequestId(request.raw) ?? request.id
    const path = request.params as Readonly<Record<string, string>>
    void respond(serve(request.raw, path), reply.raw, requestId, request.log)
  }
}

/** Writes what was answered, or the problem document for what was thrown. */
const respond = async (
  answering: Promise<Answer>,
  response: ServerResponse,
  requestId: string,
  log: FastifyBaseLogger,
): Promise<void> => {
  try {
    const pending = deliver(await answering, response, requestId)
    if (pending) await pending
  } catch (error) {
    if (error instanceof ClientGone || isGone(response)) return
    const { problem, headers } = problemOf(error, requestId)
    if (problem.code === 'Internal') log.error({ err: error, requestId }, 'a request failed')
    if (response.headersSent) response.destroy()
    else writeAnswer(response, problemAnswer(problem, headers), requestId)
  }
}

const deliver = (answer: Answer, response: ServerResponse, requestId: string): Promise<unknown> | undefined => {
  if (isGone(response)) return answer.ifGone?.()
  if (answer.stream) return streamAnswer(response, answer, requestId)
  writeAnswer(response, answer, requestId)
  return undefined
}

type Serve = (request: IncomingMessage, path: Readonly<Record<string, string>>) => Promise<Answer>

const serverOf = (operation: Operation, door: Door): Serve => {
  const { access, body: input } = operation
  const { engine, admin, push, watch, limits, documents, identity, sessions } = door
  const readQuery = queryReader(operation.query ?? noQuery)
  const readJson = input?.kind === 'json' ? jsonReader(input.schema, input) : undefined

  const callerOf = ({ headers }: IncomingMessage) =>
    access.to === 'anyone' ? nobody : authenticate(identity, headers, sessions)

  return async (request, path) => {
    const { headers } = request
    const checked = callerOf(request)
    const principal = checked instanceof Promise ? await checked : checked
    for (const name in path) if (path[name] === '') throw emptyParameter(name)
    if (access.to === 'queue') requireScope(principal, access.scopes, path.queue)
    else if (access.to === 'server') requireScope(principal, access.scopes)
    const query = readQuery(request.url ?? '')
    let body: unknown
    if (input) {
      const bytes = await readBody(request, limits.maxBodyBytes)
      body = readJson ? readJson(bytes, headers['content-type']) : bytes
    }
    const { account } = principal
    const call: Call<unknown, unknown, unknown> = {
      engine,
      admin,
      push,
      watch,
      limits,
      documents,
      principal,
      authenticate: callerOf,
      account,
      path,
      query,
      body,
      request,
    }
    return operation.run(call)
  }
}

const noQuery = Type.Object({}, strict)

const nobody = { account: '', keyId: null, grants: [] }

const emptyParameter = (name: string) => invalid([{ in: 'path', path: `/${name}`, message: 'must not be empty' }])
