import { ok } from '../answer.ts'
import { fields, halfADay, handles, seconds } from '../fields.ts'
import { operation } from '../operation.ts'
import { settleAll } from '../settle.ts'

export const messageChangeVisibility = operation({
  name: 'messagechangevisibility',
  path: ['accountid', 'queuename'],
  summary: 'Hides messages in flight for so long from now on; 0 makes them visible at once.',
  access: { scope: 'receive' },
  fields: fields({
    ...handles,
    VisibilityTimeout: seconds(halfADay, { description: 'Seconds; less than 0 is 0.' }),
  }),
  async run(call) {
    const visibilityTimeoutMs = Math.max(0, call.fields.VisibilityTimeout) * 1000
    await settleAll(call, { do: 'extend', visibilityTimeoutMs }, 'leased')
    return ok({ MessageChangeVisibilityResult: {} })
  },
})
