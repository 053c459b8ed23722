import type { IncomingMessage } from 'node:http'
import { isRefusal } from '../../core/errors.ts'
import { readBody } from '../http/read-body.ts'
import { type Serve, type Shape, serving } from '../http/serve.ts'
import { authorize } from './access.ts'
import { type Answer, bodyTooLarge, preflight, Refused, serverError, writeAnswer } from './answer.ts'
import { rememberClient } from './client-error.ts'
import { fieldChecker } from './fields.ts'
import type { KnownQueues } from './known-queues.ts'
import { operations } from './operations.ts'
import type { AltogicOptions } from './options.ts'
import { checkContentType, type Fields, noFields, parseFields } from './read-fields.ts'
import { refusalAnswer } from './refusals.ts'
import { targetOf } from './route.ts'

export interface Door extends Required<AltogicOptions> {
  readonly knownQueues: KnownQueues
}

/** Serves any request whose path is of this door, from its start to the end of the answer. */
export const serverOf = (door: Door): Serve =>
  serving(shape, ({ raw }) => {
    rememberClient(raw)
    return raw.method === 'OPTIONS' ? Promise.resolve(preflight) : serve(door, raw)
  })

/** Answers with what was thrown by `refuse`, where a request is not let in at all. */
export const refuserOf = (refuse: (request: IncomingMessage) => Error): Serve =>
  serving(shape, ({ raw }) => (raw.method === 'OPTIONS' ? Promise.resolve(preflight) : Promise.reject(refuse(raw))))

const shape: Shape<Answer> = {
  answerTo(error) {
    if (error instanceof Refused) return error.answer
    return isRefusal(error) ? refusalAnswer(error) : undefined
  },
  failure: serverError,
  write: writeAnswer,
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
  const { engine, identity, knownQueues } = door
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
    knownQueues,
    principal,
    account,
    session,
    fields: fields.values,
    raw: fields.raw,
    id,
    request,
  })
}
