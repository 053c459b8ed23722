import type { Store } from '../../core/store.ts'
import { StoreFailure } from '../../core/store.ts'
import { type Address, parseAddress } from './address.ts'
import { migrations } from './migrations.ts'
import { prepareSchema } from './schema.ts'
import { PostgresStore } from './store.ts'

export interface PostgresStoreOptions {
  /**
   * As libpq takes it: `postgres://user:password@host:port/database`; several hosts with commas between, of which the one that takes writes
   * is used. `?schema=` names the schema, `millrace` unless told.
   */
  readonly url: string
  /** Transactions at once, each with a connection; three more serve what goes on beside them. Default 4. */
  readonly connections?: number
  /** Whether nodes tell each other with LISTEN and NOTIFY what to look at, which wakes waiting receives at once. Default true. */
  readonly listen?: boolean
  /** How long a request waits for a server that is gone before it is refused. Default 5,000. */
  readonly retryMs?: number
  /** After so many rows that were changed or removed the node vacuums the hot tables itself. Default 50,000. */
  readonly vacuumAfterRows?: number
  /** Whether a schema that is not there is made. Default true. */
  readonly create?: boolean
}

/** Opens a store in a PostgreSQL database, whose schema is made or brought up to date. Throws a `StoreFailure` that says why it cannot. */
export const postgresStore = async (options: PostgresStoreOptions): Promise<Store> => {
  const { url, connections = 4, listen = true, retryMs = 5000, vacuumAfterRows = 50_000, create = true } = options
  const address = addressOf(url)
  await prepareSchema(address, { create })
  const settings = { connections, listen, retryMs, vacuumAfterRows, knownVersion: migrations.length }
  const store = new PostgresStore(address, settings)
  await store.start()
  return store
}

/** Where a URL leads to, without the password, to show to people and to tell from other places. */
export const postgresPlace = (url: string): string => {
  const { shown, schema } = addressOf(url)
  return `${shown}?schema=${schema}`
}

const addressOf = (url: string): Address => {
  try {
    return parseAddress(url)
  } catch (error) {
    throw new StoreFailure((error as Error).message, { safeToRetry: true, cause: error })
  }
}
