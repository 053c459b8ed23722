import type { Store } from '../../src/core/store.ts'

const underway = new WeakMap<Store, { count: number }>()

/** A store of which `isBusy` can tell whether anything is under way: for tests that wait until nothing goes on. */
export const watched = <Given extends Store>(store: Given): Given => {
  const busy = { count: 0 }
  const counted =
    <Args extends unknown[], Result>(ask: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      busy.count++
      try {
        return await ask(...args)
      } finally {
        busy.count--
      }
    }
  store.transact = counted(store.transact.bind(store))
  const { shared } = store
  if (shared) shared.readyGroups = counted(shared.readyGroups.bind(shared))
  underway.set(store, busy)
  return store
}

export const isBusy = (store: Store): boolean => (underway.get(store)?.count ?? 0) > 0
