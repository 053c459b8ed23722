import type { IncomingMessage } from 'node:http'
import { checkQueueName } from '../../core/addressed.ts'
import { isRefusal } from '../../core/errors.ts'
import type { Identity, Principal } from '../../core/identity/identity.ts'
import { defaultLimits } from '../../core/limits.ts'
import { closeSignal } from '../http/connection.ts'
import { readBody } from '../http/read-body.ts'
import { type Serve, type Shape, serving } from '../http/serve.ts'
import { authorize, headerToken } from './access.ts'
import {
  type Answer,
  accessDenied,
  bodyTooLarge,
  notFound,
  Refused,
  serverError,
  writeAnswer,
  writePreflight,
} from './answer.ts'
import type { Call, Operation } from './operation.ts'
import { operations } from './operations.ts'
import { placesIn, targetOf } from './path.ts'
import { checkContentType, type Fields, fieldChecker, parseFields } from './read-fields.ts'
import { refusalAnswer } from './refusals.ts'

export interface Door extends Pick<Call<unknown>, 'engine' | 'settings'> {
  readonly identity: Identity & Call<unknown>['identity']
  readonly maxBodyBytes: number
}

/** Serves any request whose path is of this door, from its start to the end of the answer. */
export const serverOf = (door: Door): Serve => {
  const answer = serving(shape, ({ raw }) => serve(door, raw))
  return (request, reply) => {
    if (request.method !== 'OPTIONS') return answer(request, reply)
    reply.hijack()
    writePreflight(request.raw, reply.raw, request.id)
  }
}

const shape: Shape<Answer> = {
  answerTo(error) {
    if (error instanceof Refused) return error.answer
    return isRefusal(error) ? refusalAnswer(error) : undefined
  },
  failure: serverError,
  write: (_request, response, answer, requestId) => writeAnswer(response, answer, requestId),
}

const checkers = new Map(operations.map((operation) => [operation, fieldChecker(operation.fields)]))

/** What is wrong in several ways is refused for the first of them: route, method, token, content type, JSON, fields. */
const serve = async (door: Door, request: IncomingMessage): Promise<Answer> => {
  const { url = '', method, headers } = request
  const { operation, rest } = targetOf(url)
  if (!operation) throw notFound()
  const { account, queue } = placesIn(operation, rest)
  if (method !== 'POST') throw methodNotAllowed()
  const { access } = operation
  if (access === 'sign-up' && !door.settings.signUp) throw accessDenied()
  const place = { account, queue, access }
  const token = needsToken(operation) ? headerToken(headers) : undefined
  let principal: Principal | undefined
  if (token !== undefined) principal = await authorize(door.identity, token, place)
  checkContentType(headers['content-type'])
  const fields = parseFields(await readBody(request, door.maxBodyBytes, bodyTooLarge))
  if (needsToken(operation)) principal ??= await authorize(door.identity, fields.AuthToken, place)
  checkFields(operation, fields)
  if (operation.path.includes('queuename')) checkQueueName(queue, defaultLimits, 'queuename')
  const { engine, identity, settings } = door
  const signal = closeSignal(request.socket)
  return operation.run({ engine, identity, settings, account, queue, principal, fields, signal })
}

const needsToken = ({ access }: Operation): boolean => access === 'token' || typeof access === 'object'

const checkFields = (operation: Operation, fields: Fields): void => checkers.get(operation)?.(fields)

const methodNotAllowed = (): Refused =>
  new Refused({ status: 405, content: { detail: 'Method Not Allowed' }, headers: ['Allow', 'POST, OPTIONS'] })
