import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal } from '../../core/errors.ts'
import { isGone, stopListening } from '../http/connection.ts'
import { ClientGone, readBody } from '../http/read-body.ts'
import { authorize } from './access.ts'
import { type Answer, bodyTooLarge, preflight, Refused, serverError, writeAnswer } from './answer.ts'
import { rememberClient } from './client-error.ts'
import { fieldChecker } from './fields.ts'
import { operations } from './operations.ts'
import type { AltogicOptions } from './options.ts'
import { checkContentType, type Fields, noFields, parseFields } from './read-fields.ts'
import { refusalAnswer } from './refusals.ts'
import { targetOf } from './route.ts'

export type Door = Required<AltogicOptions>
export type Serve = (request: FastifyRequest, reply: FastifyReply) => void

/** Serves any request whose path is of this door, from its start to the end of the answer. */
export const serverOf =
  (door: Door): Serve =>
  ({ raw: request, id, log }, reply) => {
    reply.hijack()
    const { raw: response } = reply
    rememberClient(request)
    if (request.method === 'OPTIONS') writeAnswer(request, response, preflight, id)
    else void respond(serve(door, request), request, response, id, log)
  }

/** Answers with what was thrown by `refuse`, where a request is not let in at all. */
export const refuserOf =
  (refuse: (request: IncomingMessage) => Error): Serve =>
  ({ raw: request, id, log }, reply) => {
    reply.hijack()
    const { raw: response } = reply
    if (request.method === 'OPTIONS') writeAnswer(request, response, preflight, id)
    else void respond(Promise.reject(refuse(request)), request, response, id, log)
  }

const respond = async (
  answering: Promise<Answer>,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  log: FastifyBaseLogger,
): Promise<void> => {
  try {
    const answer = await answering
    if (!isGone(response)) writeAnswer(request, response, answer, requestId)
  } catch (error) {
    if (error instanceof ClientGone || isGone(response)) return
    const answer = answerTo(error)
    if (answer === serverError) log.error({ err: error, requestId }, 'a request failed')
    writeAnswer(request, response, answer, requestId)
  }
  // Whatever nobody wanted of its body.
  stopListening(request)
}

const answerTo = (error: unknown): Answer => {
  if (error instanceof Refused) return error.answer
  return isRefusal(error) ? refusalAnswer(error) : serverError
}

const checkers = new Map(
  operations.flatMap((operation) => {
    const { fields } = operation
    return fields ? [[operation, { names: Object.keys(fields.properties), check: fieldChecker(fields) }] as const] : []
  }),
)

/** What is wrong in several ways is refused for the first of them: path, client key, origin, rights, session, JSON, fields. */
const serve = async (door: Door, request: IncomingMessage): Promise<Answer> => {
  const { method = '', url = '', headers } = request
  const { operation, id } = targetOf(method, url)
  const { engine, identity } = door
  const { principal, session } = await authorize(identity, headers, operation)
  const checker = checkers.get(operation)
  let fields: Fields = noFields
  if (checker) {
    checkContentType(headers['content-type'])
    fields = parseFields(await readBody(request, door.maxBodyBytes, bodyTooLarge), checker.names)
    checker.check(fields.values)
  }
  const { account } = principal
  const { users } = identity
  return operation.run({
    engine,
    users,
    principal,
    account,
    session,
    fields: fields.values,
    raw: fields.raw,
    id,
    request,
  })
}
