import { ok } from '../answer.ts'
import { fields } from '../fields.ts'
import { operation } from '../operation.ts'

export const queueClear = operation({
  name: 'queueclear',
  path: ['accountid', 'queuename'],
  summary: 'Deletes every message of the queue, and forgets its duplicate windows.',
  access: { scope: 'manage' },
  fields: fields({}),
  async run({ engine, account, queue }) {
    await engine.purgeQueue({ account, queue })
    return ok({ QueueClearResult: {} })
  },
})
