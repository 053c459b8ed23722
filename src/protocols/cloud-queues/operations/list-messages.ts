import type { DeliveryState } from '../../../core/delivery.ts'
import { isRefusal } from '../../../core/errors.ts'
import type { StoredMessage } from '../../../core/requests.ts'
import { type Answer, badValue, json, noContent, notFound, ok } from '../answer.ts'
import { missingClientId } from '../client-id.ts'
import { contentLocation, messagesLink, nextLink } from '../links.ts'
import { showMessage } from '../messages/show.ts'
import { allVersions, type Call, type Operation } from '../operation.ts'
import { pageSize } from '../pages.ts'

export const listMessages: Operation = {
  name: 'messages',
  summary: 'Lists messages, the oldest first, a page at a time; or gets those with the `ids` named.',
  method: 'GET',
  path: '/queues/:queue/messages',
  versions: allVersions,
  access: ['receive'],
  run: (call) => (call.query.has('ids') ? byIds(call) : page(call)),
}

const page = async (call: Call): Promise<Answer> => {
  const { engine, account, queue, query, version, clientId } = call
  if (clientId === undefined) throw missingClientId()
  const limit = pageSize(call)
  const marker = query.text('marker')
  const echo = query.boolean('echo')
  const include_claimed = query.boolean('include_claimed')
  const include_delayed = version === 'v2' ? query.boolean('include_delayed') : undefined
  const states: DeliveryState[] = ['ready', 'behind']
  if (include_claimed) states.push('leased')
  if (include_delayed) states.push('delayed')

  const found = await engine.browse({
    account,
    queue,
    limit,
    states,
    ...(marker !== undefined && { marker }),
    ...(!echo && { exceptClientId: clientId }),
  })
  const headers = version === 'v1' ? contentLocation(call, true) : undefined
  const { messages } = found
  if (messages.length === 0 || found.marker === null) {
    return version === 'v1' ? noContent(headers) : ok('{"messages":[],"links":[]}')
  }
  const said = { limit: query.integer('limit'), echo, include_claimed, include_delayed }
  const next = nextLink(messagesLink(call), found.marker, said)
  return ok(`{"messages":[${showAll(call, messages)}],"links":[${json(next)}]}`, headers)
}

/** Whoever sent them and whoever has claimed them. What is no id, or none of a message here, is left out. */
const byIds = async (call: Call): Promise<Answer> => {
  const { account, queue, query, version } = call
  const ids = readIds(call)
  const claim = query.text('claim_id')
  const found = ids.length === 0 ? [] : await findMessages(call, ids)
  const messages = claim === undefined ? found : found.filter((message) => message.claim === claim)
  if (version === 'v1') {
    const headers = contentLocation(call, true)
    return messages.length === 0 ? noContent(headers) : ok(`[${showAll(call, messages)}]`, headers)
  }
  if (messages.length === 0)
    throw notFound(`No messages with IDs: ${ids.join(', ')} found in the queue ${queue} for project ${account}.`)
  return ok(`{"messages":[${showAll(call, messages)}]}`)
}

export const readIds = ({ query, settings: { maxPage } }: Call): readonly string[] => {
  const ids = query.list('ids')
  if (ids.length > maxPage) throw badValue(`A request may name at most ${maxPage} message ids, not ${ids.length}.`)
  return ids
}

/** What is finished has been deleted, as this API sees it. */
export const findMessages = async (
  { engine, account, queue }: Pick<Call, 'engine' | 'account' | 'queue'>,
  ids: readonly string[],
): Promise<readonly StoredMessage[]> => {
  try {
    const found = await engine.getMessages({ account, queue, ids })
    return found.filter(({ state }) => state !== 'finished')
  } catch (error) {
    if (isRefusal(error, 'GroupNotFound')) return []
    throw error
  }
}

export const showAll = (call: Call, messages: readonly StoredMessage[]): string => {
  const { version, settings, clock } = call
  const about = { version, settings, now: clock.now(), messages: messagesLink(call) }
  return messages
    .map((message) => showMessage(message, { ...about, claim: version === 'v1' ? null : message.claim }))
    .join(',')
}
