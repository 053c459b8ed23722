import { collections, newAccount } from '../identity/model.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import { listQueues } from './queues.ts'

/**
 * An account without queues was removed a while ago. If it has got one meanwhile, from somebody who was let in on another node still or in the
 * same moment, it is there again, without keys: no queue is nobody's, or that of whoever is given the name next.
 */
export const bringBackAccount = (step: Step, { key: name }: StoredDocument): void => {
  const isThere = step.tx.document(collections.accounts, name) ?? step.tx.document(collections.leaving, name)
  if (isThere || listQueues(step, { account: name, limit: 1 }).queues.length === 0) return
  step.writes++
  step.tx.putDocument({
    collection: collections.accounts,
    key: name,
    value: newAccount(name, step.now),
    expiresAt: null,
  })
}
