import type { Store } from '../core/store.ts'
import { sqliteStore } from '../stores/sqlite/index.ts'
import type { Config } from './config/schema.ts'

/** The store that the configuration names. Throws a `StoreFailure` that says why it cannot be opened. */
export const openStore = async (config: Config): Promise<Store> => {
  if (!isPostgres(config)) return sqliteStore({ directory: config.data })
  // Most servers never need its client, which takes a while to load.
  const { postgresStore } = await import('../stores/postgres/index.ts')
  return postgresStore({ url: config.store, ...config.postgres })
}

export const isPostgres = ({ store }: Config): boolean => store !== 'sqlite'
