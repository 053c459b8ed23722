import { badValue, missingParameter, noContent, ok, refused } from '../answer.ts'
import { showPopped } from '../messages/show.ts'
import { allVersions, type Call, type Operation } from '../operation.ts'
import { readIds } from './list-messages.ts'

export const deleteMessages: Operation = {
  name: 'delete_messages',
  summary:
    'Deletes the messages with the `ids` named, claimed or not; or, in later versions, takes the oldest out (`pop`).',
  method: 'DELETE',
  path: '/queues/:queue/messages',
  versions: allVersions,
  access: ['receive'],
  run(call) {
    const { query, version } = call
    const pops = version !== 'v1' && query.has('pop')
    if (pops && query.has('ids')) {
      throw refused(400, 'Invalid request', 'Only one of "ids" and "pop" may be given.')
    }
    if (pops) return pop(call)
    if (!query.has('ids')) {
      throw version === 'v1'
        ? missingParameter('ids')
        : refused(400, 'Invalid request', 'One of "ids" and "pop" must be given.')
    }
    return deleteAll(call)
  },
}

const deleteAll = async (call: Call) => {
  const { engine, account, queue } = call
  const ids = readIds(call)
  if (ids.length > 0) await engine.deleteMessages({ account, queue, ids, leased: 'anyway' })
  return noContent()
}

const pop = async (call: Call) => {
  const { engine, account, queue, query, clock } = call
  const { maxPage } = call.settings
  const maxMessages = query.integer('pop') ?? 0
  if (maxMessages < 1 || maxMessages > maxPage) {
    throw badValue(`Pop value must be at least 1 and no greater than ${maxPage}.`)
  }
  const popped = await engine.pop({ account, queue, maxMessages, waitMs: 0 })
  const now = clock.now()
  return ok(`{"messages":[${popped.map((message) => showPopped(message, now, call)).join(',')}]}`)
}
