import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from './fake-clock.ts'

test('the fake clock stands still until it is turned', () => {
  const clock = fakeClock(1_000)
  assert.equal(clock.now(), 1_000)
  clock.advance(5)
  assert.equal(clock.now(), 1_005)
})

test('the fake clock runs callbacks in order of their time, each at its own time', () => {
  const clock = fakeClock(0)
  const calls: string[] = []
  const log = (name: string) => () => {
    calls.push(`${name}@${clock.now()}`)
  }
  clock.callAt(20, log('second'))
  clock.callAt(10, () => {
    log('first')()
    clock.callAt(15, log('asked for meanwhile'))
    clock.callAt(31, log('too late'))
  })
  clock.callAt(20, log('third'))
  clock.callAt(30, log('last'))
  clock.advance(30)
  assert.deepEqual(calls, ['first@10', 'asked for meanwhile@15', 'second@20', 'third@20', 'last@30'])
  assert.equal(clock.nextCallAt(), 31)
})

test('the fake clock runs what is due already at the next turn, and never what was cancelled', () => {
  const clock = fakeClock(100)
  const calls: number[] = []
  const cancel = clock.callAt(50, () => calls.push(50))
  clock.callAt(60, () => {
    calls.push(clock.now())
    cancelLater()
  })
  const cancelLater = clock.callAt(70, () => calls.push(70))
  cancel()
  clock.advance(0)
  assert.deepEqual(calls, [100])
})
