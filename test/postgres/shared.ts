// One PostgreSQL for all the tests of a run: `scripts/test.ts` starts it and says where it is; a file that is run by itself starts its own.

import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { type PostgresServer, startPostgres } from '../../scripts/postgres-server.ts'

export { withoutPostgres } from '../../scripts/postgres-server.ts'

let own: Promise<PostgresServer> | undefined
after(async () => (await own)?.stop())

/** A schema that nobody else uses, in the server of this run: the URL of a store that is fresh and empty. */
export const freshUrl = async (): Promise<string> => {
  const schema = `t_${randomBytes(8).toString('hex')}`
  return `${await serverUrl()}?schema=${schema}`
}

export const serverUrl = async (): Promise<string> => {
  const given = process.env.TEST_POSTGRES_URL
  if (given !== undefined) return given
  own ??= startPostgres()
  return (await own).url()
}
