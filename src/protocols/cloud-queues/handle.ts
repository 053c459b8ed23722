import type { IncomingMessage } from 'node:http'
import { isRefusal } from '../../core/errors.ts'
import type { Principal } from '../../core/identity/identity.ts'
import { readBody } from '../http/read-body.ts'
import { type Serve, type Shape, serving } from '../http/serve.ts'
import { authenticate, bearerOf, type Gate, requireScope } from './access.ts'
import {
  type Answer,
  badName,
  badValue,
  notFound,
  pathNotFound,
  Refused,
  refused,
  serverError,
  writeAnswer,
} from './answer.ts'
import { clientIdOf, missingClientId } from './client-id.ts'
import { queueName } from './metadata/reserved.ts'
import type { Operation, Service, Version } from './operation.ts'
import { Query } from './query.ts'
import { refusalAnswer } from './refusals.ts'

export interface Door extends Gate, Service {
  readonly maxBodyBytes: number
}

/** Serves one operation from the start of a request to the end of its answer. */
export const serverOf = (door: Door, version: Version, operation: Operation): Serve =>
  serving(shape, ({ raw, params }) => serve(door, version, operation, raw, params as Places))

/** Answers whatever comes with a refusal. */
export const refusing = (refusal: () => Error): Serve => serving(shape, () => Promise.reject(refusal()))

/** Answers whatever comes with the same. */
export const answering = (answer: Answer): Serve => serving(shape, () => Promise.resolve(answer))

const shape: Shape<Answer> = {
  answerTo(error) {
    if (error instanceof Refused) return error.answer
    return isRefusal(error) ? refusalAnswer(error) : undefined
  },
  failure: serverError,
  write: (_request, response, answer, requestId) => writeAnswer(response, answer, requestId),
}

/** What is in the path; the project is a tenant's, in the older versions. */
type Places = Readonly<Record<string, string>> & { readonly project?: string; readonly queue?: string }

const serve = async (
  door: Door,
  version: Version,
  operation: Operation,
  request: IncomingMessage,
  place: Places,
): Promise<Answer> => {
  const { url = '', headers } = request
  const { access } = operation
  const isOpen = access === 'anyone'
  const isSigned = version === 'v2' && headers['url-signature'] !== undefined
  const said = { version, tenant: place.project }
  const asked = isOpen ? nobody : isSigned ? signedPrincipal(door, request) : authenticate(door, request, said)
  const principal = asked instanceof Promise ? await asked : asked
  checkAccept(headers.accept, operation)
  checkForm(headers)
  const { queue = '' } = place
  if (queue !== '' && !queueName.test(queue)) {
    throw badName('Queue names are 1 to 64 of the letters A to Z and a to z, digits, underscores, hyphens and dots.')
  }
  const clientId = clientIdOf(headers, version === 'v1')
  if (clientId === undefined && !isOpen && (version !== 'v1' || operation.needsClientId)) throw missingClientId()
  if (!isOpen) requireScope(principal, access, queue)
  const { engine, clock, settings, signedUrls, queueDefaults } = door
  return operation.run({
    engine,
    clock,
    settings,
    signedUrls,
    queueDefaults,
    version,
    principal,
    account: principal.account,
    queue,
    place,
    query: new Query(url),
    clientId,
    body: operation.readsBody ? await readBody(request, door.maxBodyBytes, tooLarge) : noBody,
    base: baseOf(version, url, place.project),
    request,
  })
}

const nobody: Principal = { account: '', keyId: null, grants: [] }
const noBody = Buffer.alloc(0)

const tooLarge = (maxBytes: number): Refused => badValue(`The request is too large. Max size ${maxBytes}`)

/** A request that shows a signature is judged by that alone. */
const signedPrincipal = async (door: Door, { headers, method = '', url = '' }: IncomingMessage): Promise<Principal> => {
  const project = await door.signedUrls.projectFor(headers, method, pathOf(url), door.clock.now())
  if (project === undefined) throw notFound('The signed URL is not valid for this request.')
  return bearerOf(project)
}

const pathOf = (url: string): string => {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** As the client wrote it, so that it finds its way back to where it came from. */
const baseOf = (version: Version, url: string, project: string | undefined): string => {
  if (project === undefined) return `/${version}`
  const start = version.length + 2
  const end = url.slice(start).search(/[/?]/)
  return end < 0 ? url : url.slice(0, start + end)
}

const checkAccept = (accept: string | undefined, { name }: Operation): void => {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue
    if (type === '*/*' || type === 'application/*' || type === 'application/json') return
    if (name === 'home' && type === 'application/json-home') return
  }
  throw new Refused({ status: 406 })
}

const checkForm = (headers: IncomingMessage['headers']): void => {
  const { 'content-type': type, 'content-length': length } = headers
  if (length === undefined || type === undefined || !type.startsWith('application/x-www-form-urlencoded')) return
  throw refused(400, 'Invalid Content-Type', 'Endpoint does not accept `application/x-www-form-urlencoded` content; ')
}

export const notThere = refusing(pathNotFound)
