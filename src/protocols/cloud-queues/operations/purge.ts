import { badBody, noContent } from '../answer.ts'
import { missingField, readObject, wrongKind } from '../documents.ts'
import type { Operation } from '../operation.ts'
import { removeSubscriptions } from './subscriptions.ts'

const all = ['messages', 'subscriptions']

export const purge: Operation = {
  name: 'purge',
  summary: 'Removes all messages of a queue, its subscriptions, or both.',
  method: 'POST',
  path: '/queues/:queue/purge',
  versions: ['v2'],
  access: ['manage'],
  readsBody: true,
  async run(call) {
    const { engine, account, queue, body } = call
    const types = body.length === 0 ? all : typesOf(readObject(body).resource_types)
    if (types.includes('subscriptions')) await removeSubscriptions(call)
    if (types.includes('messages')) await engine.purgeQueue({ account, queue })
    return noContent()
  },
}

const typesOf = (types: unknown): readonly unknown[] => {
  if (types === undefined) throw missingField('resource_types')
  if (!Array.isArray(types)) throw wrongKind('resource_types', 'list')
  if (!types.every((type) => all.includes(type))) throw badBody(`Resource types must be among ${all.join(', ')}.`)
  return types
}
