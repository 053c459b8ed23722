// Which store the tests of doors run on: their own choice, or PostgreSQL where `TEST_STORE=postgres` says so (`doors.test.ts`).

import type { Store } from '../../src/core/store.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { watched } from './busy.ts'
import { freshUrl } from './shared.ts'

/** Where the data of a directory are: a server that is started over it again finds them. */
const urls = new Map<string, string>()

export const chosenStore = async <Other>(otherwise: () => Other, directory?: string): Promise<Store | Other> =>
  isPostgres ? alone(await postgresStore({ url: await urlOf(directory), listen: false })) : otherwise()

/** For `millrace serve` over that directory. */
export const storeFlags = async (directory: string): Promise<string[]> =>
  isPostgres ? ['--store', await urlOf(directory)] : []

const isPostgres = process.env.TEST_STORE === 'postgres'

const urlOf = async (directory?: string): Promise<string> => {
  const url = (directory !== undefined && urls.get(directory)) || (await freshUrl())
  if (directory !== undefined) urls.set(directory, url)
  return url
}

/** There are no other nodes to look out for, which a clock turned by hand would make it do every second of its time. */
const alone = (store: Store): Store => {
  if (store.shared) Object.defineProperty(store.shared, 'lookAgainMs', { value: 86_400_000 })
  return watched(store)
}
