import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textLines } from './log-text.ts'
import { createLogger } from './logging.ts'

test('lines for people have a time, a level, a message and whatever else', () => {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', format: 'text' }, textLines({ write: (line) => lines.push(line) }))
  log.info({ port: 8080, host: 'localhost' }, 'listening')
  log.child({ reqId: 'a-1' }).debug({ secret: 'hunter2hunter2' }, 'request')
  assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} INFO {2}listening port=8080 host=localhost\n$/)
  assert.match(lines[1] ?? '', /DEBUG request reqId=a-1 secret=\[secret\]\n$/)
})

test('an error is followed by where it came from', () => {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', format: 'text' }, textLines({ write: (line) => lines.push(line) }))
  log.error(new Error('it broke'))
  assert.match(lines[0] ?? '', /ERROR it broke\n {4}Error: it broke\n {8}at .*log-text\.test\.ts/)
})
