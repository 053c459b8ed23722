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

/** Where the messages are, in a line for people. */
export const placeOf = async (config: Pick<Config, 'store' | 'data'>): Promise<string> => {
  if (!isPostgres(config)) return `Data: ${config.data}`
  const { postgresPlace } = await import('../stores/postgres/index.ts')
  return `Store: ${postgresPlace(config.store)}`
}

export const isPostgres = ({ store }: Pick<Config, 'store'>): boolean => store !== 'sqlite'
