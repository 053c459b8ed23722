import type { QueueEngine } from '../../../core/engine-api.ts'
import { allows, type Principal, scopes } from '../../../core/identity/identity.ts'
import { unfinished } from '../../../core/queue.ts'
import { ok } from '../answer.ts'
import { fields } from '../fields.ts'
import { operation } from '../operation.ts'

const most = 10_000
const pageSize = 1000

export const queuesList = operation({
  name: 'queueslist',
  path: ['accountid'],
  summary: 'Names the queues that hold messages, with how many: hidden and in flight ones too.',
  access: 'token',
  fields: fields({}),
  async run({ engine, account, principal }) {
    const found: { AccountId: string; accountid: string; QueueName: string; Count: number }[] = []
    for await (const { QueueName, Count } of queuesWithMessages(engine, account)) {
      if (!maySee(principal, QueueName)) continue
      found.push({ AccountId: account, accountid: account, QueueName, Count })
      if (found.length === most) break
    }
    return ok({ QueuesListResult: found })
  },
})

async function* queuesWithMessages(engine: QueueEngine, account: string) {
  let after: string | null | undefined
  while (after !== null) {
    const page = await engine.listQueues({ account, limit: pageSize, ...(after !== undefined && { after }) })
    for (const { name, counts } of page.queues) {
      // What other doors keep of finished messages is nothing that can be received.
      const Count = unfinished(counts)
      if (Count > 0) yield { QueueName: name, Count }
    }
    after = page.next
  }
}

const maySee = (principal: Principal | undefined, queue: string): boolean =>
  principal !== undefined && scopes.some((scope) => allows(principal, scope, queue))
