// The doors' own tests once more, with PostgreSQL behind them: one test a door.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { serverUrl, withoutPostgres } from './shared.ts'

/** All of a door that says anything of its store; not browsers, certificates and processes of their own. */
const doors: Readonly<Record<string, readonly string[]>> = {
  native: ['access', 'examples', 'failures', 'http', 'receive', 'send', 'tour'],
  starqueue: ['accounts', 'duplicates', 'interop', 'messages', 'receive-limit', 'requests', 'session', 'waiting'],
  'cloud-queues': ['clients', 'interop', 'later', 'v1'],
  altogic: ['client', 'interop', 'requests', 'service', 'sessions'],
  dms: ['access', 'acknowledge', 'clients', 'consume', 'groups', 'interop', 'messages', 'queue-tags', 'queues'],
  worker: ['protocol', 'checks'],
}

describe('doors over PostgreSQL', withoutPostgres, () => {
  for (const [door, files] of Object.entries(doors)) {
    test(door, { timeout: 600_000 }, async () => {
      const { NODE_TEST_CONTEXT: _context, ...outside } = process.env
      const env = { ...outside, TEST_STORE: 'postgres', TEST_POSTGRES_URL: await serverUrl() }
      const paths = files.map((file) => join(import.meta.dirname, '..', door, `${file}.test.ts`))
      const child = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=120000', ...paths], {
        env,
      })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece))
      const [code] = await once(child, 'close')
      assert.equal(code, 0, output.slice(output.indexOf('failing tests')))
      assert.match(output, /^ℹ pass [1-9]/m)
    })
  }
})
