import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { lineWriter, OutputClosed } from './lines.ts'

test('a line is written when its reader has it', async () => {
  const stream = new PassThrough()
  await lineWriter(stream).write('{"a":1}')
  assert.equal(String(stream.read()), '{"a":1}\n')
})

test('a reader that has gone is told from a failure', async () => {
  const failing = (code: string) =>
    new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) })
  const closed = lineWriter(failing('EPIPE'))
  await assert.rejects(closed.write('a'), OutputClosed)
  await assert.rejects(closed.write('b'), OutputClosed)
  await assert.rejects(lineWriter(failing('ENOSPC')).write('a'), { code: 'ENOSPC' })
})
