import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backlogs } from './backlogs.ts'

test('a group that is received from as it is sent to is not behind', () => {
  const backlogs = new Backlogs()
  for (let position = 0; position < 50_000; position += 10) {
    for (let sent = 0; sent < 10; sent++) backlogs.sent(1, position + sent)
    backlogs.received(1, position + 9)
    assert.equal(backlogs.isBehind(1), false)
  }
})

test('a group that is only sent to falls behind, until the receivers have nearly caught up', () => {
  const backlogs = new Backlogs()
  for (let position = 0; position < 10_000; position++) backlogs.sent(1, position)
  assert.equal(backlogs.isBehind(1), true)
  backlogs.received(1, 10)
  assert.equal(backlogs.isBehind(1), true)
  backlogs.received(1, 9_000)
  assert.equal(backlogs.isBehind(1), false)
  assert.equal(backlogs.isBehind(2), false)
})

test('a group that held messages before this process began is behind until it is empty', () => {
  const backlogs = new Backlogs()
  backlogs.received(1, 500)
  assert.equal(backlogs.isBehind(1), true)
  backlogs.received(1, undefined)
  assert.equal(backlogs.isBehind(1), false)
})
