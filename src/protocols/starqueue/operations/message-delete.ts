import { ok } from '../answer.ts'
import { fields, handles } from '../fields.ts'
import { operation } from '../operation.ts'
import { settleAll } from '../settle.ts'

export const messageDelete = operation({
  name: 'messagedelete',
  path: ['accountid', 'queuename'],
  summary: 'Deletes received messages. A handle is good until its message is received again.',
  access: { scope: 'receive' },
  fields: fields(handles),
  async run(call) {
    await settleAll(call, { do: 'delete' }, 'latest')
    return ok({ MessageDeleteResult: {} })
  },
})
