import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { operations } from './operations.ts'

test('docs/protocols/altogic.md describes the operations as they are', () => {
  const page = readFileSync(new URL('../../../docs/protocols/altogic.md', import.meta.url), 'utf8')
  for (const { client, method, path, session, summary } of operations) {
    const row = `| \`${client}\` | \`${method} ${path}\` | ${session.replaceAll('-', ' ')} | ${summary} |`
    assert.ok(page.includes(row), row)
  }
})
