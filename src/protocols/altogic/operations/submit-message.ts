import { Type } from 'typebox'
import { allows } from '../../../core/identity/identity.ts'
import type { QueueView } from '../../../core/requests.ts'
import { tenYearsMs } from '../../../core/settings.ts'
import { ok, refused } from '../answer.ts'
import { delayOf, type MessageInfo, timestamp } from '../message-info.ts'
import { operation } from '../operation.ts'

/** Half of what core can wait for, so that a message lives on after its delay in any case. */
const longestDelayMs = tenYearsMs / 2
const longestDelaySeconds = longestDelayMs / 1000

export const submitMessage = operation({
  name: 'submit-message',
  client: 'queue.submitMessage',
  method: 'POST',
  path: '/queue',
  summary: 'Stores a message in a queue. When the answer comes, it is on disk.',
  session: 'as-the-key-says',
  scopes: ['send'],
  fields: Type.Object({
    queueNameOrId: Type.String({ minLength: 1, says: 'the name or id of a queue' }),
    message: Type.Object({}, { says: 'a JSON object' }),
    delay: Type.Optional(
      Type.Union([Type.Null(), Type.Number({ minimum: 0, maximum: longestDelaySeconds })], {
        says: `a number of seconds from 0 to ${longestDelaySeconds}`,
      }),
    ),
  }),
  async run({ engine, account, principal, fields, raw }) {
    const { queueNameOrId, delay } = fields
    const queue = await engine.findQueue({ account, nameOrId: queueNameOrId })
    if (!queue) throw noQueue(queueNameOrId)
    const { name } = queue
    if (!allows(principal, 'send', name)) {
      throw refused(403, 'not_allowed', `The client key may not send to the queue '${name}'.`)
    }
    const delayMs = typeof delay === 'number' ? Math.round(delay * 1000) : undefined
    const message = {
      body: raw.get('message')!,
      contentType: 'application/json',
      ...(delayMs !== undefined && { delayMs, ...lifeOf(queue, delayMs) }),
      ...(principal.keyId !== null && { senderId: principal.keyId }),
    }
    const [sent] = await engine.send({ account, queue: name, messages: [message], ifMissing: 'refuse' })
    return ok({
      messageId: sent!.id,
      queueId: queue.publicId,
      queueName: name,
      submittedAt: timestamp(sent!.sentAt),
      status: 'pending',
      ...delayOf(delayMs ?? queue.settings.delayMs),
    } satisfies MessageInfo)
  },
})

/** A message's life begins with its send. A delay does not shorten it here: the service is called after any. */
const lifeOf = ({ settings: { retentionMs } }: QueueView, delayMs: number): { readonly retentionMs?: number } =>
  delayMs === 0 || retentionMs === null ? {} : { retentionMs: Math.min(tenYearsMs, delayMs + retentionMs) }

const noQueue = (queueNameOrId: string) =>
  refused(404, 'queue_not_found', `There is no message queue named or identified by '${shown(queueNameOrId)}'.`, {
    queueNameOrId: shown(queueNameOrId),
  })

const shown = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text).toWellFormed()
