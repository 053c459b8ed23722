import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from './parse.ts'
import { configReference } from './reference.ts'

const page = resolve(import.meta.dirname, '../../../docs/reference/configuration.md')

test('the reference page is what the schema says', () => {
  assert.equal(readFileSync(page, 'utf8'), configReference(), 'run: node scripts/config-reference.ts')
})

test('the example of the reference page is a configuration', () => {
  const [, text = ''] = /```jsonc\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? []
  const config = parseConfig({ workingDirectory: '/', file: { name: 'example', text, directory: '/etc' } })
  assert.equal(config.accounts[0]?.keys[1]?.secretFile, '/etc/secrets/checkout')
})
