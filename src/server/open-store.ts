import type { Store } from '../core/store.ts'
import { postgresStore } from '../stores/postgres/index.ts'
import { sqliteStore } from '../stores/sqlite/index.ts'
import type { Config } from './config/schema.ts'

/** The store that the configuration names. Throws a `StoreFailure` that says why it cannot be opened. */
export const openStore = async (config: Config): Promise<Store> =>
  isPostgres(config)
    ? postgresStore({ url: config.store, ...config.postgres })
    : sqliteStore({ directory: config.data })

export const isPostgres = ({ store }: Config): boolean => store !== 'sqlite'
