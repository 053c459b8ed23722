import { type Store, StoreFailure, type Unit } from '../core/store.ts'

/**
 * Where a transaction fails:
 * - `before-run`: no unit was run; nothing is written
 * - `before-commit`: every unit was run, yet nothing is written
 * - `after-commit`: everything is written, but the answer was lost, so it is not safe to retry
 */
export type Fault = 'before-run' | 'before-commit' | 'after-commit'

/** Says of each call of `transact` whether it fails; calls are counted from 1. */
export type FaultPlan = (call: number, units: readonly Unit[]) => Fault | undefined

/** A store in front of another, that makes chosen transactions fail with a `StoreFailure`. */
export const faultyStore = (store: Store, plan: FaultPlan): Store => {
  let calls = 0

  const faulty: Store = {
    kind: store.kind,
    concurrentTransactions: store.concurrentTransactions,
    async transact(units) {
      calls += 1
      const fault = plan(calls, units)
      if (fault === undefined) return store.transact(units)
      const failure = new StoreFailure(`made to fail ${fault}`, { safeToRetry: fault !== 'after-commit' })
      if (fault === 'before-commit') return store.transact([...units, { run: () => raise(failure) }])
      if (fault === 'after-commit') await store.transact(units)
      throw failure
    },
    nextDueAt: () => store.nextDueAt(),
    stats: () => store.stats(),
    close: () => store.close(),
  }
  if (store.shared) Object.assign(faulty, { shared: store.shared })
  if (store.records) Object.assign(faulty, { records: store.records })
  if (store.maintain) faulty.maintain = () => store.maintain?.() ?? false
  return faulty
}

const raise = (error: Error): never => {
  throw error
}
