import { requireScope } from '../access.ts'
import { lockLost } from '../errors.ts'
import { readLock } from '../lock.ts'
import { operation } from '../operation.ts'
import { RenewBody } from '../schemas.ts'

export const renew = operation({
  path: '/messages/:id/renew',
  body: RenewBody,
  async run({ engine, principal, account, path: { id = '' }, body: { lock, holdSeconds = 60 } }) {
    const { receiptHandle, queue } = readLock(lock, id)
    requireScope(principal, 'receive', queue)
    const action = { do: 'extend', visibilityTimeoutMs: holdSeconds * 1000 } as const
    const [result] = await engine.settle({
      account,
      queue,
      entries: [{ receiptHandle, action }],
      handles: 'latest',
    })
    if (!result) throw lockLost()
    if (!result.ok) throw result.refusal
    const { visibleAt } = result.value
    return { status: 200, content: { heldUntil: visibleAt === null ? null : new Date(visibleAt).toISOString() } }
  },
})
