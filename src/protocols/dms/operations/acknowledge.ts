import type { AcknowledgeEntry } from '../../../core/requests.ts'
import { requireScope } from '../access.ts'
import { type Answer, ok } from '../answer.ts'
import { field, fieldsOf, isFields } from '../json/fields.ts'
import type { Call, Operation } from '../operation.ts'
import { Refused } from '../problems.ts'

export const acknowledge: Operation = {
  name: 'acknowledge',
  method: 'POST',
  paths: ['/queues/{queue_id}/groups/{consumer_group_id}/ack'],
  summary: 'Acknowledge messages, in the order of their batch.',
  run: (call) => settle(call, false),
}

export const acknowledgeDeadLetters: Operation = {
  name: 'acknowledgeDeadLetters',
  method: 'POST',
  paths: ['/queues/{queue_id}/groups/{consumer_group_id}/deadletters/ack'],
  summary: 'Acknowledge dead letters, which are gone then.',
  run: (call) => settle(call, true),
}

const settle = async (call: Call, deadLetters: boolean): Promise<Answer> => {
  const { engine, places, account, principal, parameters, body } = call
  const { queue_id = '', consumer_group_id = '' } = parameters
  return places.inGroup(account, queue_id, consumer_group_id, async ({ address }, { group, groupId }) => {
    requireScope(principal, 'receive', address.queue)
    const entries = entriesOf(body)
    const { succeeded, failed } = await engine.acknowledge({ ...address, group, groupId, deadLetters, entries })
    return ok({ success: succeeded, fail: failed })
  })
}

const entriesOf = (body: Buffer): readonly AcknowledgeEntry[] => {
  const list = field(fieldsOf(body, 10540012), 'message')
  if (!Array.isArray(list) || list.length === 0) throw new Refused(10540001, 'message must be a list of handlers.')
  return list.map((entry: unknown) => {
    const handler = isFields(entry) ? field(entry, 'handler') : undefined
    if (!isFields(entry) || typeof handler !== 'string') {
      throw new Refused(10540001, 'Each of message must be an object whose handler is a text.')
    }
    const status = field(entry, 'status') ?? 'success'
    if (status !== 'success' && status !== 'fail') throw wrongStatus(status)
    return { receiptHandle: handler, ok: status === 'success' }
  })
}

const wrongStatus = (status: unknown): Refused => {
  const said = (typeof status === 'string' ? status : JSON.stringify(status)).slice(0, 100).toWellFormed()
  return new Refused(10540003, `Message ack status must be either 'success' or 'fail'. It should not be '${said}'.`)
}
