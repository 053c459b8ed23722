import { Type } from 'typebox'
import { isRefusal, Refusal } from '../../../core/errors.ts'
import { allows } from '../../../core/identity/identity.ts'
import { parseMessageId } from '../../../core/ids.ts'
import type { QueueTerms } from '../../../core/requests.ts'
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
  async run({ engine, knownQueues, account, principal, fields, raw }) {
    const { queueNameOrId, delay } = fields
    const find = async () => {
      const queue = await engine.findQueue({ account, nameOrId: queueNameOrId })
      if (!queue) throw noQueue(queueNameOrId)
      knownQueues.note(queue)
      return queue.name
    }
    const delayMs = typeof delay === 'number' ? Math.round(delay * 1000) : undefined
    const message = {
      body: raw.get('message')!,
      contentType: 'application/json',
      ...(delayMs !== undefined && { delayMs }),
      ...(principal.keyId !== null && { senderId: principal.keyId }),
    }
    const send = async (queue: string, id?: string) => {
      let about: Omit<MessageInfo, 'messageId' | 'submittedAt'> | undefined
      const terms = ({ name, publicId, settings }: QueueTerms) => {
        if (id !== undefined && publicId !== id) throw new Refusal('QueueNotFound', { queue: id })
        about = { queueId: publicId, queueName: name, status: 'pending', ...delayOf(delayMs ?? settings.delayMs) }
        return delayMs === undefined ? {} : lifeOf(settings, delayMs)
      }
      const [sent] = await engine.send({ account, queue, messages: [message], ifMissing: 'refuse', terms })
      return ok({ messageId: sent!.id, submittedAt: timestamp(sent!.sentAt), ...about! } satisfies MessageInfo)
    }

    // Where the send itself says what is to be known of the queue, nobody looks first.
    const id = queueNameOrId.toLowerCase()
    const known = knownQueues.nameOf(account, id)
    if (known !== undefined && allows(principal, 'send', known)) {
      const sent = await send(known, id).catch(unlessNotFound)
      if (sent) return sent
    }
    // What cannot be an id is a name.
    const name = parseMessageId(queueNameOrId) ? await find() : queueNameOrId
    if (!allows(principal, 'send', name)) {
      throw refused(403, 'not_allowed', `The client key may not send to the queue '${await find()}'.`)
    }
    const sent = await send(name).catch(unlessNotFound)
    if (!sent) throw noQueue(queueNameOrId)
    return sent
  },
})

const unlessNotFound = (error: unknown): undefined => {
  if (!isRefusal(error, 'QueueNotFound')) throw error
}

/** A message's life begins with its send. A delay does not shorten it here: the service is called after any. */
const lifeOf = ({ retentionMs }: QueueTerms['settings'], delayMs: number): { readonly retentionMs?: number } =>
  delayMs === 0 || retentionMs === null ? {} : { retentionMs: Math.min(tenYearsMs, delayMs + retentionMs) }

const noQueue = (queueNameOrId: string) =>
  refused(404, 'queue_not_found', `There is no message queue named or identified by '${shown(queueNameOrId)}'.`, {
    queueNameOrId: shown(queueNameOrId),
  })

const shown = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text).toWellFormed()
