// Which store the tests of doors run on: their own choice, or PostgreSQL where `TEST_STORE=postgres` says so (`doors.test.ts`).

import type { Store } from '../../src/core/store.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { watched } from './busy.ts'
import { freshUrl } from './shared.ts'

export const chosenStore = async <Other>(otherwise: () => Other): Promise<Store | Other> =>
  process.env.TEST_STORE === 'postgres'
    ? watched(await postgresStore({ url: await freshUrl(), listen: false }))
    : otherwise()
