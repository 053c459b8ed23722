import type { Store } from '../../src/core/store.ts'

const underway = new WeakMap<Store, { count: number }>()

/** A store of which `isBusy` can tell whether a transaction is under way: for tests that wait until nothing goes on. */
export const watched = <Given extends Store>(store: Given): Given => {
  const busy = { count: 0 }
  const { transact } = store
  store.transact = async (units) => {
    busy.count++
    try {
      await transact.call(store, units)
    } finally {
      busy.count--
    }
  }
  underway.set(store, busy)
  return store
}

export const isBusy = (store: Store): boolean => (underway.get(store)?.count ?? 0) > 0
