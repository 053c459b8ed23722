// The doors' own tests once more, with PostgreSQL behind them: one test a door.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { serverUrl, withoutPostgres } from './shared.ts'

const doors: Readonly<Record<string, readonly string[]>> = {
  native: ['access', 'examples', 'failures', 'http', 'receive', 'send', 'tour'],
  starqueue: [
    'accounts',
    'browser',
    'durability',
    'duplicates',
    'interop',
    'messages',
    'receive-limit',
    'requests',
    'session',
    'tls',
    'waiting',
  ],
  'cloud-queues': [
    'bad-input',
    'clients',
    'durability',
    'interop',
    'later',
    'notifications',
    'php-opencloud',
    'subscriptions',
    'v1',
  ],
  altogic: ['arguments', 'browser', 'client', 'crash', 'interop', 'requests', 'service', 'sessions'],
  dms: [
    'access',
    'acknowledge',
    'clients',
    'consume',
    'groups',
    'huawei-sdk',
    'interop',
    'messages',
    'queue-tags',
    'queues',
  ],
  worker: ['protocol', 'checks'],
  keystone: ['keystone'],
  push: ['crash', 'mail'],
  client: ['anywhere', 'holding', 'managing', 'messages', 'operating', 'settling', 'worker', 'working'],
}

/** What is of another store: its name, backups, and two servers that must not open one directory. */
const ofOthers = [
  'a Millrace tells what it is',
  'a key made in process is good for a server over the same data',
  'a backup is written while work goes on',
]

describe('doors over PostgreSQL', withoutPostgres, () => {
  for (const [door, files] of Object.entries(doors)) {
    test(door, { timeout: 600_000 }, async () => {
      const { NODE_TEST_CONTEXT: _context, ...outside } = process.env
      const env = { ...outside, TEST_STORE: 'postgres', TEST_POSTGRES_URL: await serverUrl() }
      const paths = files.map((file) => join(import.meta.dirname, '..', door, `${file}.test.ts`))
      const flags = [
        '--test-concurrency=1',
        '--test-timeout=120000',
        ...ofOthers.map((name) => `--test-skip-pattern=${name}`),
      ]
      const child = spawn(process.execPath, ['--test', ...flags, ...paths], { env })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece))
      const [code] = await once(child, 'close')
      assert.equal(code, 0, output.slice(output.indexOf('failing tests')))
      assert.match(output, /^ℹ pass [1-9]/m)
    })
  }
})
