import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complete } from './complete.ts'
import { loadProgram } from './program.ts'

const program = await loadProgram()
const words = (...line: string[]): string[] => {
  const completion = complete(program, line)
  return completion.kind === 'words' ? completion.candidates.map(({ value }) => value) : [`(${completion.kind})`]
}

test('commands and their subcommands', () => {
  assert.deepEqual(words('re'), ['receive', 'redrive', 'restore'])
  assert.ok(words('').includes('serve') && !words('').some((word) => word.startsWith('_')))
  assert.deepEqual(words('queue', 'c'), ['create'])
  assert.deepEqual(words('queue', 'group', ''), ['list', 'create', 'delete', 'help'])
})

test('options of the command, and their values', () => {
  assert.deepEqual(words('receive', 'orders', '--d'), ['--delete', '--dead-letters'])
  assert.deepEqual(words('queue', 'create', 'x', '--ordering', ''), ['unordered', 'grouped', 'ordered'])
  assert.deepEqual(words('queue', 'create', 'x', '--paused', 'o'), ['on', 'off'])
  assert.deepEqual(words('queue', 'create', 'x', '--description', ''), [])
  assert.deepEqual(words('send', 'q', '--', '--'), [])
})

test('names of queues and of files', () => {
  assert.deepEqual(words('receive', ''), ['(queues)'])
  assert.deepEqual(words('receive', '--max', '5', 'o'), ['(queues)'])
  assert.deepEqual(words('redrive', 'failed', '--to', ''), ['(queues)'])
  assert.deepEqual(words('export', 'orders', '--out', ''), ['(files)'])
  assert.deepEqual(words('import', 'orders', ''), ['(files)'])
  assert.deepEqual(words('completion', ''), ['bash', 'zsh', 'fish'])
})
