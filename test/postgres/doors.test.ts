// The doors' own tests once more, with PostgreSQL behind them: one test a door, which runs its most telling files.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { serverUrl, withoutPostgres } from './shared.ts'

const doors: Readonly<Record<string, readonly string[]>> = {
  native: ['native/send.test.ts', 'native/receive.test.ts', 'native/http.test.ts', 'native/access.test.ts'],
  starqueue: [
    'starqueue/requests.test.ts',
    'starqueue/accounts.test.ts',
    'starqueue/duplicates.test.ts',
    'starqueue/receive-limit.test.ts',
  ],
  'cloud-queues': ['cloud-queues/v1.test.ts', 'cloud-queues/later.test.ts'],
}

/** They turn a clock by hand between steps of a store that answers within the same turn of the event loop. */
const onTheirOwnStoreOnly = ['is answered with nothing when none came in time']

describe('doors over PostgreSQL', withoutPostgres, () => {
  for (const [door, files] of Object.entries(doors)) {
    test(door, { timeout: 180_000 }, async () => {
      const { NODE_TEST_CONTEXT: _context, ...outside } = process.env
      const env = { ...outside, TEST_STORE: 'postgres', TEST_POSTGRES_URL: await serverUrl() }
      const skipped = onTheirOwnStoreOnly.map((name) => `--test-skip-pattern=${name}`)
      const paths = files.map((file) => join(import.meta.dirname, '..', file))
      const child = spawn(process.execPath, ['--test', '--test-concurrency=1', ...skipped, ...paths], { env })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece))
      const [code] = await once(child, 'close')
      assert.equal(code, 0, output.slice(output.indexOf('failing tests')))
      assert.match(output, /^ℹ pass [1-9]/m)
    })
  }
})
