import { notFound, ok } from '../answer.ts'
import { contentLocation } from '../links.ts'
import { allVersions, type Operation } from '../operation.ts'
import { findMessages, showAll } from './list-messages.ts'

export const getMessage: Operation = {
  name: 'message',
  summary: 'One message, claimed or not.',
  method: 'GET',
  path: '/queues/:queue/messages/:message',
  versions: allVersions,
  access: ['receive'],
  async run(call) {
    const { place, queue, account, version } = call
    const { message: id = '' } = place
    const [message] = await findMessages(call, [id])
    if (!message) throw notFound(`Message ${id} does not exist in queue ${queue} for project ${account}`)
    return ok(showAll(call, [message]), version === 'v1' ? contentLocation(call, false) : undefined)
  },
}
