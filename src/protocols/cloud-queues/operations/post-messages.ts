import { isRefusal } from '../../../core/errors.ts'
import type { NewMessage } from '../../../core/message.ts'
import type { SentMessage } from '../../../core/requests.ts'
import { messagesLink } from '../links.ts'
import { readMessages } from '../messages/read.ts'
import { settingsForNew } from '../metadata/metadata.ts'
import { allVersions, type Call, type Operation } from '../operation.ts'

export const postMessages: Operation = {
  name: 'post_messages',
  summary: 'Stores messages, all or none; the answer says that they are on disk.',
  method: 'POST',
  path: '/queues/:queue/messages',
  versions: allVersions,
  access: ['send'],
  needsClientId: true,
  readsBody: true,
  async run(call) {
    const { version, account, queue, queueDefaults, clock } = call
    const settings = version === 'v2' ? await queueDefaults.of(account, queue, clock.now()) : undefined
    const sent = await send(call, readMessages(call, settings))
    const messages = messagesLink(call)
    const resources = sent.map(({ id }) => `"${messages}/${id}"`).join(',')
    return {
      status: 201,
      content: version === 'v1' ? `{"resources":[${resources}],"partial":false}` : `{"resources":[${resources}]}`,
      headers: ['location', `${messages}?ids=${sent.map(({ id }) => id).join(',')}`],
    }
  },
}

/** v1 never makes a queue on the way; later versions do. */
const send = async (call: Call, messages: readonly NewMessage[]): Promise<readonly SentMessage[]> => {
  const { engine, account, queue, version, settings } = call
  const request = { account, queue, messages, ifMissing: 'refuse' } as const
  try {
    return await engine.send(request)
  } catch (error) {
    if (version === 'v1' || !isRefusal(error, 'QueueNotFound')) throw error
    await engine.createQueue({ account, queue, settings: settingsForNew({}, settings) })
    return engine.send(request)
  }
}
