import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { serverKeyBytes } from '../core/identity/sealing.ts'
import { findServerKey, readServerKey, writeServerKey } from './server-key.ts'

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'millrace-key-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

test('the first start makes a key for its owner only, and later ones find it', () => {
  using directory = folder()
  assert.equal(findServerKey(directory.path), undefined)
  const key = readServerKey(directory.path)
  assert.equal(key.length, serverKeyBytes)
  assert.deepEqual(readServerKey(directory.path), key)
  assert.deepEqual(readdirSync(directory.path), ['server.key'], 'nothing is left beside it')
  if (process.platform !== 'win32') assert.equal(statSync(join(directory.path, 'server.key')).mode & 0o777, 0o600)
})

test('of servers that make a key at once the later ones leave the first one in its place', () => {
  using directory = folder()
  writeServerKey(directory.path, Buffer.alloc(serverKeyBytes, 1))
  writeServerKey(directory.path, Buffer.alloc(serverKeyBytes, 2))
  assert.deepEqual(readServerKey(directory.path), Buffer.alloc(serverKeyBytes, 1))
  assert.deepEqual(readdirSync(directory.path), ['server.key'])
})
