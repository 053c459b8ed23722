import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { minute, second, world } from '../../test/push/world.ts'
import { account } from '../testing/test-engine.ts'
import { broken, status, unreachable } from './fake-service.ts'

suite('a call that fails', () => {
  test('is the end of the message without retries: errored, with what the service said', async () => {
    await using w = world()
    await w.create('q', {}, { history: 'steps' })
    w.service.reply = () => status(500)
    const [id = ''] = await w.t.send('q', 'x')
    await w.idle()
    const ended = await w.t.engine.status({ account, id })
    assert.deepEqual(
      [ended?.ended?.outcome, ended?.ended?.reason, ended?.ended?.failure],
      ['errored', 'answered with status 500', { kind: 'status', status: 500, answer: 'said 500' }],
    )
    const { attempt, status: code, answer, durationMs } = ended?.steps[0]?.detail ?? {}
    assert.deepEqual([ended?.steps[0]?.cause, attempt, code, answer, durationMs], ['push', 1, 500, 'said 500', 0])
  })

  test('of a redirect is no success, and it is not followed', async () => {
    await using w = world()
    await w.create('q')
    w.service.reply = () => status(302)
    const [id = ''] = await w.t.send('q', 'x')
    await w.idle()
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'errored')
    assert.equal(w.service.calls.length, 1)
  })

  test('makes a dead letter where the queue has a place for them', async () => {
    await using w = world()
    await w.t.create('dead')
    await w.create('q', {}, { deadLetterQueue: 'dead' })
    w.service.reply = () => status(400)
    await w.t.send('q', 'x')
    await w.idle()
    const [dead] = await w.t.receive('dead')
    assert.equal(dead?.deadLetterSource?.reason, 'answered with status 400')
  })

  test('is repeated as often as it may be, later each time', async () => {
    await using w = world()
    await w.create('q', { retries: { max: 3, minDelayMs: second, maxDelayMs: 3 * second } })
    const times: number[] = []
    w.service.reply = () => {
      times.push(w.t.clock.now())
      return status(503)
    }
    const [id = ''] = await w.t.send('q', 'x')
    await w.advance(minute)
    assert.deepEqual(w.service.attempts, ['x#1', 'x#2', 'x#3', 'x#4'])
    assert.deepEqual(
      times.slice(1).map((time, i) => time - (times[i] ?? 0)),
      [500, 1000, 1500],
    )
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'errored')
  })

  test('is repeated after the waits given, and shows as in work meanwhile', async () => {
    await using w = world()
    await w.create('q', { retries: { max: 3, delaysMs: [0, 5 * second] } })
    w.service.reply = (_, number) => status(number < 4 ? 500 : 200)
    const [id = ''] = await w.t.send('q', 'x')
    await w.idle()
    assert.equal(w.service.calls.length, 2)
    const waiting = await w.t.engine.status({ account, id })
    assert.deepEqual([waiting?.deliveries[0]?.state, waiting?.ended], ['delayed', null])
    assert.notEqual(waiting?.deliveries[0]?.firstReceivedAt, null)
    await w.advance(10 * second)
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'processed')
  })

  test('waits as long as the service says, within bounds, and leaves it alone meanwhile', async () => {
    await using w = world()
    await w.create('q', { concurrency: 1, retries: { max: 1, minDelayMs: 0 } })
    w.service.reply = (_, number) => (number === 1 ? status(429, '30') : status(200))
    await w.t.send('q', 'a', 'b')
    await w.advance(29 * second)
    assert.deepEqual(w.service.bodies, ['a'])
    await w.advance(second)
    assert.deepEqual(w.service.attempts.toSorted(), ['a#1', 'a#2', 'b#1'])
  })

  test('takes no longer than it may', async () => {
    await using w = world()
    await w.create('q', { timeoutMs: 5 * second })
    const [id = ''] = await w.t.send('q', 'x')
    await w.advance(5 * second)
    const { ended } = (await w.t.engine.status({ account, id })) ?? {}
    assert.deepEqual(
      [ended?.failure, ended?.reason, ended?.at],
      [{ kind: 'timeout' }, 'no complete answer within 5000 ms', w.t.clock.now()],
    )
    assert.equal(w.service.open[0]?.call.signal.aborted, true)
  })
})

suite('a service that cannot be reached', () => {
  const dead = { concurrency: 1, retries: null }

  test('is paused after some calls; the other messages wait without having been tried', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => unreachable
    const ids = await w.t.send('q', ...Array.from({ length: 8 }, (_, i) => `${i}`))
    await w.idle()
    assert.equal(w.service.calls.length, 5)
    const [health] = w.dispatcher.list({ account, queue: 'q' })
    assert.deepEqual([health?.state, health?.pausedUntil], ['paused', w.t.clock.now() + second])
    assert.deepEqual(await w.t.counts('q'), { ready: 3, done: 5 })
    await w.advance(2 * minute)
    const tried = w.service.calls.length
    assert.ok(tried > 6 && tried < 15, `${tried} calls`)
    w.service.reply = () => status(200)
    await w.advance(2 * minute)
    assert.deepEqual(await w.t.counts('q'), { done: 8 })
    const outcomes = await Promise.all(
      ids.map(async (id) => (await w.t.engine.status({ account, id }))?.ended?.outcome),
    )
    assert.deepEqual(outcomes, [...Array(5).fill('errored'), ...Array(3).fill('processed')])
    assert.equal(w.service.attempts.at(-1)?.endsWith('#1'), true)
    assert.equal(w.dispatcher.list({ account })[0]?.state, 'healthy')
  })

  test('is tried at once when somebody says so', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => unreachable
    await w.t.send('q', ...Array.from({ length: 7 }, (_, i) => `${i}`))
    await w.advance(minute)
    w.service.reply = () => status(200)
    const before = w.service.calls.length
    assert.equal(w.dispatcher.resume({ account, queue: 'q' }), true)
    await w.idle()
    assert.equal(w.service.calls.length, before + 2)
    assert.equal(w.dispatcher.resume({ account, queue: 'other' }), false)
  })

  test('does not take down with it the calls that were under way', async () => {
    await using w = world()
    await w.create('q', { concurrency: 100 })
    await w.t.send('q', ...Array.from({ length: 100 }, (_, i) => `${i}`))
    await w.idle()
    for (const { answer } of w.service.open) answer(unreachable)
    await w.idle()
    assert.deepEqual(await w.t.counts('q'), { ready: 95, done: 5 })
  })

  test('is one that breaks connections, too; but what may have come to it counts', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => broken
    await w.t.send('q', ...Array.from({ length: 7 }, (_, i) => `${i}`))
    await w.advance(second)
    assert.deepEqual(await w.t.counts('q'), { ready: 1, done: 6 })
  })

  test('is not one that answers, whatever it says', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => status(500)
    await w.t.send('q', ...Array.from({ length: 50 }, (_, i) => `${i}`))
    await w.idle()
    assert.equal(w.service.calls.length, 50)
    assert.equal(w.dispatcher.list({ account })[0]?.state, 'failing')
  })
})
