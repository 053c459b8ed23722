import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEngine } from '../../../core/engine.ts'
import { systemRandom } from '../../../core/system.ts'
import { fakeClock, memoryStore } from '../../../testing/index.ts'
import { QueueReadings } from '../readings.ts'
import { SeriesRecorder } from './recorder.ts'

const account = 'default'

test('what was recorded is there again after a process that ended without a word, but for its last minutes', async (t) => {
  const clock = fakeClock()
  const engine = createEngine({ store: memoryStore(), clock, random: systemRandom() })
  t.after(() => engine.stop())
  const message = { body: new Uint8Array([49]), contentType: null, attributes: null }
  await engine.send({ account, queue: 'q', messages: [message, message, message] })
  const faults: unknown[] = []
  const recorderOf = () =>
    new SeriesRecorder({
      engine,
      clock,
      readings: new QueueReadings({
        engine,
        clock,
        listAccounts: async () => ({ accounts: [{ name: account } as never], next: null }),
      }),
      queues: 10,
      node: 'test',
      onError: (error) => faults.push(error),
    })
  const settled = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  }
  const lived = recorderOf()
  lived.start()
  for (let step = 0; step < 70; step++) {
    clock.advance(10_000)
    await settled()
  }
  const last = (values: readonly (number | null)[] | undefined) => values?.findLast((value) => value !== null)
  assert.equal(last(lived.series({ account, queue: 'q', span: 'hour' })?.queued), 3)
  assert.equal(lived.series({ account, queue: 'other', span: 'hour' }), undefined)

  // Nobody stops the first.
  const next = recorderOf()
  next.start()
  await settled()
  assert.equal(last(next.series({ account, queue: 'q', span: 'day' })?.queued), 3)
  assert.equal(last(next.series({ account, span: 'day' })?.queued), 3, 'of all queues together')
  await next.stop()
  assert.deepEqual(faults, [])
})
