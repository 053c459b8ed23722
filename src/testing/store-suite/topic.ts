import type { Store, Transaction } from '../../core/store.ts'

/** A store in one test: fresh and empty at its start, closed at its end. */
export interface Subject {
  /** The store as it is at present; another one after `reopen`. */
  readonly store: Store
  /** Runs each function as a unit of its own, all in one transaction. */
  write(...runs: readonly ((transaction: Transaction) => void)[]): Promise<void>
  /** Runs a transaction of one unit and gives what it returned. */
  read<Value>(read: (transaction: Transaction) => Value): Promise<Value>
  /** Closes the store and opens it again over the same data. */
  reopen(): Promise<void>
}

/** Tests of one part of the contract, by name. */
export interface Topic {
  readonly name: string
  /** Left out for a store that cannot be reopened. */
  readonly needsReopen?: boolean
  /** Left out for a store without `records`. */
  readonly needsRecords?: boolean
  readonly checks: Readonly<Record<string, (subject: Subject) => Promise<void>>>
}

export const subjectOf = (opened: Store, reopen: ((store: Store) => Store | Promise<Store>) | undefined): Subject => {
  let store = opened
  return {
    get store() {
      return store
    },
    write: (...runs) => store.transact(runs.map((run) => ({ run }))),
    async read(read) {
      const results: ReturnType<typeof read>[] = []
      await store.transact([
        {
          run(transaction) {
            results[0] = read(transaction)
          },
        },
      ])
      if (results.length === 0) throw new Error('transact resolved without having run its unit')
      return results[0] as ReturnType<typeof read>
    },
    async reopen() {
      if (!reopen) throw new Error('this test needs `reopen`')
      store = await reopen(store)
    },
  }
}
