import type { IncomingMessage } from 'node:http'
import type { QueueEngine } from '../../core/engine-api.ts'
import { isRefusal } from '../../core/errors.ts'
import { closeSignal } from '../http/connection.ts'
import { readBody } from '../http/read-body.ts'
import { type Serve, type Shape, serving } from '../http/serve.ts'
import { authenticate, type Gate, isProjectId } from './access.ts'
import { type Answer, refusal, writeAnswer } from './answer.ts'
import type { DmsSettings } from './options.ts'
import { matchOf, targetOf } from './path.ts'
import { Places } from './places.ts'
import { Refused } from './problems.ts'
import { Query } from './query.ts'
import { refusalOf } from './refusals.ts'

export interface Door extends Gate {
  readonly engine: QueueEngine
  readonly settings: DmsSettings
  readonly maxBodyBytes: number
}

/** Serves any request of this door, from its start to the end of the answer. */
export const serverOf = (door: Door): Serve => {
  const places = new Places(door.engine)
  return serving(shape, ({ raw }) => serve(door, places, raw))
}

const shape: Shape<Answer> = {
  answerTo(error) {
    if (error instanceof Refused) return refusal(error)
    return isRefusal(error) ? refusal(refusalOf(error)) : undefined
  },
  failure: refusal(new Refused(10250002)),
  write: (_request, response, answer, requestId) => writeAnswer(response, answer, requestId),
}

/** Answers a page that an open server is not open to. */
export const refuseStrangers: Serve = serving(shape, async () => {
  throw new Refused(10240307, 'This server is open to its own machine only.')
})

/** What is wrong in several ways is refused for the first of them: path, credentials, ids in the path, query, body. */
const serve = async (door: Door, places: Places, request: IncomingMessage): Promise<Answer> => {
  const { url = '', method, socket } = request
  const target = targetOf(url)
  const match = target && matchOf(method, target.segments)
  if (!target || !match) throw new Refused(10240406)
  let reading: Promise<Buffer> | undefined
  const body = () => {
    reading ??= readBody(request, door.maxBodyBytes, tooLarge)
    return reading
  }
  const principal = await authenticateFor(door, request, target.project, body)
  const { engine, settings } = door
  return match.operation.run({
    engine,
    settings,
    places,
    account: principal.account,
    principal,
    project: target.project,
    parameters: match.parameters,
    query: new Query(target.search),
    // Clients say that there is JSON where there is no body at all.
    body: await body(),
    signal: closeSignal(socket),
  })
}

/** A project is 32 hexadecimal characters, or what is one for the credentials at hand. */
const authenticateFor: typeof authenticate = async (gate, request, project, body) => {
  if (isProjectId(project)) return authenticate(gate, request, project, body)
  const malformed = new Refused(10240005)
  if (gate.identity.open) {
    const token = request.headers['x-auth-token']
    const principal = typeof token === 'string' ? await gate.identity.byToken(token) : undefined
    if (principal?.account !== project) throw malformed
    return principal
  }
  try {
    return await authenticate(gate, request, project, body)
  } catch (error) {
    throw error instanceof Refused && error.status === 401 ? malformed : error
  }
}

const tooLarge = (maxBytes: number): Refused =>
  new Refused(10540011, `The request is larger than the size limit ${maxBytes}.`, 413)
