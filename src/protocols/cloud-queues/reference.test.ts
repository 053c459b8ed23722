import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { operationsReference } from './reference.ts'

test('docs/protocols/cloud-queues.md describes the operations as they are', () => {
  const page = readFileSync(new URL('../../../docs/protocols/cloud-queues.md', import.meta.url), 'utf8')
  const written = /<!-- operations -->\n\n(.*)\n\n<!-- \/operations -->/s.exec(page)?.[1]
  assert.equal(written, operationsReference(), 'node scripts/cloud-queues-reference.ts brings it up to date')
})
