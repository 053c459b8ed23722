import { isRefusal } from '../../../core/errors.ts'
import type { QueueView } from '../../../core/requests.ts'
import { notFound } from '../answer.ts'
import type { Call } from '../operation.ts'

export const findQueue = async ({
  engine,
  account,
  queue,
}: Pick<Call, 'engine' | 'account' | 'queue'>): Promise<QueueView | undefined> => {
  try {
    return await engine.getQueue({ account, queue })
  } catch (error) {
    if (isRefusal(error, 'QueueNotFound')) return undefined
    throw error
  }
}

export const requireQueue = async (call: Call): Promise<QueueView> => {
  const view = await findQueue(call)
  if (!view) throw queueNotFound(call)
  return view
}

export const queueNotFound = ({ queue, account }: Pick<Call, 'queue' | 'account'>) =>
  notFound(`Queue ${queue} does not exist for project ${account}`)
