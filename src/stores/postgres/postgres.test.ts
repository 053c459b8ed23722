import { test } from 'node:test'
import { freshUrl, withoutPostgres } from '../../../test/postgres/shared.ts'
import { testStore } from '../../testing/index.ts'
import { type PostgresStoreOptions, postgresStore } from './index.ts'

if (withoutPostgres.skip) test('store postgres', withoutPostgres, () => {})
else {
  const urls = new WeakMap<object, PostgresStoreOptions>()
  const open = async (options: PostgresStoreOptions) => {
    const store = await postgresStore(options)
    urls.set(store, options)
    return store
  }
  testStore({
    name: 'postgres',
    open: async () => open({ url: await freshUrl(), listen: false }),
    async reopen(store) {
      await store.close()
      return open(urls.get(store) as PostgresStoreOptions)
    },
    async another(store) {
      return open(urls.get(store) as PostgresStoreOptions)
    },
    // Each has a schema of its own, and takes hundreds of round trips.
    sequences: 20,
  })
}
