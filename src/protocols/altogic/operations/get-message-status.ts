import { allows } from '../../../core/identity/identity.ts'
import { ok } from '../answer.ts'
import { deadLetteredFrom, messageInfo } from '../message-info.ts'
import { operation } from '../operation.ts'

export const getMessageStatus = operation({
  name: 'get-message-status',
  client: 'queue.getMessageStatus',
  method: 'GET',
  path: '/queue/:id',
  summary:
    'Where a message stands; `null` when there is none with this id, or it was submitted more than seven days ago.',
  session: 'as-the-key-says',
  scopes: ['send', 'receive'],
  async run({ engine, account, principal, id }) {
    const status = await engine.status({ account, id })
    if (!status) return ok(null)
    const home = deadLetteredFrom(status)
    const queue = home === undefined ? null : await engine.findQueue({ account, nameOrId: home })
    const place = queue ? { queue: queue.name, queuePublicId: queue.publicId } : status
    const maySee = allows(principal, 'send', place.queue) || allows(principal, 'receive', place.queue)
    return ok(maySee ? messageInfo(status, place) : null)
  },
})
