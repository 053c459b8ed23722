import { badBody, badValue, refused } from '../answer.ts'
import { type Fields, isFields } from '../documents.ts'
import { reserved } from './reserved.ts'

export const patchType = 'application/openstack-messaging-v2.0-json-patch'

/** The metadata that results from a client's list of changes. A reserved key that is removed gets its standard value again. */
export const patched = (metadata: Fields, changes: readonly unknown[]): Fields => {
  const next = new Map(Object.entries(metadata))
  for (const change of changes) {
    const { op, key, value } = readChange(change)
    if (op !== 'add' && !next.has(key) && !reserved.has(key)) {
      throw refused(409, 'Resource conflict', `Can't ${op} non-existent object ${key}.`)
    }
    if (op === 'remove') next.delete(key)
    else next.set(key, value)
  }
  return Object.fromEntries(next)
}

interface Change {
  readonly op: 'add' | 'replace' | 'remove'
  readonly key: string
  readonly value: unknown
}

const readChange = (change: unknown): Change => {
  if (!isFields(change)) throw badBody('Operations must be JSON objects.')
  const { op, path } = change
  if (op !== 'add' && op !== 'replace' && op !== 'remove') {
    throw badBody('Each operation must have an "op" that is one of add, replace and remove.')
  }
  if (typeof path !== 'string') throw badBody('Each operation must have a "path".')
  if (op !== 'remove' && !Object.hasOwn(change, 'value')) throw badBody(`Operation "${op}" requires a "value".`)
  return { op, key: keyOf(path), value: change.value }
}

/** The second part of a JSON pointer whose first is `metadata`. */
const keyOf = (path: string): string => {
  const [before, root, key, ...rest] = path.split('/')
  if (before !== '' || key === undefined || key === '' || rest.length > 0 || /~(?![01])/.test(path)) {
    throw badBody(`Malformed path "${path}": it must be "/metadata/" and one key.`)
  }
  if (root !== 'metadata') throw badValue(`"${root}" is not allowed in a path: only "metadata" is.`)
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}
