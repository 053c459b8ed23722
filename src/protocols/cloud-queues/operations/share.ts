import { allows, type Scope } from '../../../core/identity/identity.ts'
import { badBody, badValue, forbidden, okJson } from '../answer.ts'
import { type Fields, readObject } from '../documents.ts'
import { queueLink } from '../links.ts'
import type { Call, Operation } from '../operation.ts'
import { timeOf } from '../signed-urls.ts'

const known = ['paths', 'methods', 'expires', 'project_id']
const knownPaths = ['messages', 'subscriptions', 'claims']
const knownMethods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']
const dayMs = 86_400_000

export const share: Operation = {
  name: 'share',
  summary: 'Signs what lets whoever has it use some paths of a queue for a while, without a token.',
  method: 'POST',
  path: '/queues/:queue/share',
  versions: ['v2'],
  access: ['send', 'receive', 'manage'],
  readsBody: true,
  async run(call) {
    const { account: project, queue, signedUrls } = call
    const fields = readObject(call.body, { optional: true })
    const unknown = Object.keys(fields).find((name) => !known.includes(name))
    if (unknown !== undefined) throw badBody(`Unexpected key "${unknown}".`)
    const names = listOf(fields, 'paths', ['messages'], knownPaths)
    const methods = listOf(fields, 'methods', ['GET'], knownMethods)
    for (const name of names) for (const method of methods) checkAllowed(call, name, method)
    const paths = names.map((name) => `${queueLink(call, queue)}/${name}`)
    const expires = expiryOf(fields, call.clock.now())
    const signature = await signedUrls.sign({ paths, methods, project, expires })
    return okJson({ paths, methods, project, expires, signature })
  },
}

const listOf = (
  fields: Fields,
  name: string,
  standard: readonly string[],
  known: readonly string[],
): readonly string[] => {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (value === undefined) return standard
  if (!Array.isArray(value) || value.length === 0 || !value.every((entry) => known.includes(entry))) {
    throw badBody(`The value of the "${name}" field must be a list of some of ${known.join(', ')}.`)
  }
  return value as string[]
}

const expiryOf = ({ expires }: Fields, now: number): string => {
  if (expires !== undefined && typeof expires !== 'string') throw badBody('The value of "expires" must be a time.')
  const end = expires === undefined ? now + dayMs : timeOf(expires)
  if (end === undefined) throw badBody('The value of "expires" must be a time such as 2030-01-31T12:00:00.')
  if (end <= now) throw badValue('The time in "expires" has passed.')
  return new Date(end).toISOString().slice(0, 19)
}

/** Nobody can let others do what they may not do themselves. */
const checkAllowed = ({ principal, queue }: Call, path: string, method: string): void => {
  const scope: Scope =
    path === 'subscriptions' ? 'manage' : path === 'messages' && method === 'POST' ? 'send' : 'receive'
  if (!allows(principal, scope, queue)) throw forbidden(`This needs the scope ${scope} for the queue ${queue}.`)
}
