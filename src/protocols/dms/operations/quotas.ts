import { ok } from '../answer.ts'
import type { Operation } from '../operation.ts'
import { allQueues } from './queues.ts'

/** Within what an operator of the hosted service could set the quota. */
const usualMax = 500

export const showQuotas: Operation = {
  name: 'showQuotas',
  method: 'GET',
  paths: ['/quotas/dms', '/quotas'],
  summary: 'Show how many queues the project may have, and how many it has.',
  async run(call) {
    const { maxQueues } = call.settings
    const used = (await allQueues(call)).filter(({ explicit }) => explicit).length
    const queue = { type: 'queue', quota: maxQueues, used, min: 0, max: Math.max(usualMax, maxQueues) }
    return ok({ quotas: { resources: [queue] } })
  },
}
