import type { TagRule } from '../../../core/queue.ts'
import { handBack } from '../../http/hand-back.ts'
import { requireScope } from '../access.ts'
import type { Answer } from '../answer.ts'
import { encodeBatch } from '../messages/encode.ts'
import { checkTags } from '../messages/tags.ts'
import type { Call, Operation } from '../operation.ts'
import { Refused } from '../problems.ts'
import type { Query } from '../query.ts'
import { maxBatchBytes } from '../queue-modes.ts'

export const consume: Operation = {
  name: 'consume',
  method: 'GET',
  paths: ['/queues/{queue_id}/groups/{consumer_group_id}/messages'],
  summary: 'Consume messages: at once where there are any, else as soon as there is one.',
  run: (call) => receive(call, false),
}

export const consumeDeadLetters: Operation = {
  name: 'consumeDeadLetters',
  method: 'GET',
  paths: ['/queues/{queue_id}/groups/{consumer_group_id}/deadletters'],
  summary: 'Consume the dead letters of a group.',
  run: (call) => receive(call, true),
}

const receive = async (call: Call, deadLetters: boolean): Promise<Answer> => {
  const { engine, places, account, principal, parameters, query, signal } = call
  const { queue_id = '', consumer_group_id = '' } = parameters
  return places.inGroup(account, queue_id, consumer_group_id, async ({ address }, { isConsumer, ...group }) => {
    requireScope(principal, 'receive', address.queue)
    const tagRule = deadLetters ? undefined : tagRuleOf(query)
    if (tagRule && !isConsumer)
      throw new Refused(10542204, 'The queue has no consumer groups, and so no rules of tags.')
    const received = await engine.receive({
      ...address,
      ...group,
      deadLetters,
      batch: true,
      maxMessages: query.whole('max_msgs', { min: 1, max: 10, standard: 10, code: 10240014 }),
      waitMs: 1000 * query.whole('time_wait', { min: 1, max: 60, standard: 3, code: 10240021 }),
      visibilityTimeoutMs: 1000 * query.whole('ack_wait', { min: 15, max: 300, standard: 30, code: 10542206 }),
      maxBytes: maxBatchBytes,
      ...(tagRule !== undefined && isConsumer && { tagRule }),
      signal,
      ifMissing: 'refuse',
    })
    return { status: 200, text: encodeBatch(received), ifGone: handBack(engine, address, received) }
  })
}

/** Null: whoever names no tags takes the group to have no rule. */
const tagRuleOf = (query: Query): TagRule | null => {
  const tags = checkTags(query.all('tag'))
  const type = query.one('tag_type')?.toLowerCase() ?? 'or'
  if (type !== 'or' && type !== 'and') throw new Refused(10550035)
  return tags.length === 0 ? null : { tags, match: type === 'and' ? 'all' : 'any' }
}
