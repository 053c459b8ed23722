import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMillraceError } from './error.ts'
import { sleep, systemRuntime } from './runtime.ts'

test('soon is after everything of this moment, and in order', async () => {
  const order: number[] = []
  const runtime = systemRuntime()
  await new Promise<void>((resolve) => {
    runtime.soon(() => order.push(3))
    runtime.soon(() => {
      order.push(4)
      resolve()
    })
    void Promise.resolve().then(() => order.push(2))
    order.push(1)
  })
  assert.deepEqual(order, [1, 2, 3, 4])
})

test('a span that timers cannot hold does not end at once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let runs = 0
  const days = 86_400_000
  const cancel = systemRuntime().after(60 * days, () => runs++)
  for (let day = 0; day < 59; day++) t.mock.timers.tick(days)
  assert.equal(runs, 0)
  for (let day = 0; day < 3; day++) t.mock.timers.tick(days)
  assert.equal(runs, 1)
  cancel()
})

test('a pause ends when its signal is aborted', async () => {
  const controller = new AbortController()
  const pause = sleep(systemRuntime(), 60_000, controller.signal)
  controller.abort()
  await assert.rejects(pause, (error) => isMillraceError(error, 'Aborted'))
  await assert.rejects(sleep(systemRuntime(), 1, controller.signal))
  await sleep(systemRuntime(), 0)
})
