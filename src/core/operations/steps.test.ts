import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { memoryStore } from '../../testing/index.ts'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, testEngine } from '../../testing/test-engine.ts'
import type { HistoryStep } from '../history.ts'
import type { SettleEntry } from '../requests.ts'

const second = 1000

const stepsOf = async (t: TestEngine, id = '') => {
  const status = await t.engine.status({ account, id })
  return { lines: status?.steps ?? [], omitted: status?.stepsOmitted ?? 0 }
}

const shape = ({ from, to, cause, text }: HistoryStep) =>
  [from, to, cause, ...(text === undefined ? [] : [text])].join(' ')

const take = async (t: TestEngine, more: Omit<SettleEntry, 'receiptHandle'>, holder = 'w') => {
  const [message] = await t.receive('q', { holder, maxMessages: 1 })
  assert.ok(message?.receiptHandle)
  const [result] = await t.engine.settle({ ...at('q'), entries: [{ receiptHandle: message.receiptHandle, ...more }] })
  assert.equal(result?.ok, true)
}

suite('the steps of a message', () => {
  test('tell each change of its state, on whose account, and what was said', async () => {
    await using t = testEngine({ store: memoryStore({ runTwice: true }) })
    await t.create('q', { history: 'steps', visibilityTimeoutMs: 10 * second, keepFinished: 'message' })
    const [id] = await t.send('q', 'x')
    await t.receive('q', { holder: 'crashed' })
    await t.advance(10 * second)
    await take(t, { action: { do: 'release', delayMs: second, reason: 'try again' } })
    await t.advance(second)
    await take(t, {
      action: { do: 'reprocess', delayMs: 5 * second },
      events: [{ severity: 'warning', text: 'too early' }],
    })
    await t.advance(5 * second)
    await take(t, { action: { do: 'finish', as: 'P' }, by: 'push', detail: { status: 200, answer: 'ok' } })
    const { lines } = await stepsOf(t, id)
    assert.deepEqual(lines.map(shape), [
      'Q Q automatic',
      'Q Q w try again',
      'Q Q automatic',
      'Q Q w too early',
      'Q D w',
      'D Q automatic',
      'Q P push',
    ])
    assert.deepEqual(lines[0]?.detail, { attempt: 1, startedAt: t.clock.now() - 16 * second, durationMs: 10 * second })
    assert.deepEqual(lines[3]?.detail, { severity: 'warning' })
    assert.equal(lines[4]?.detail?.until, t.clock.now())
    const { attempt, status, answer } = lines[6]?.detail ?? {}
    assert.deepEqual([attempt, status, answer], [4, 200, 'ok'])
  })

  test('go on after its end, for seven days from its send', async () => {
    await using t = testEngine()
    await t.create('q', { history: 'steps' })
    const [id] = await t.send('q', 'x')
    await take(t, { action: { do: 'delete' } })
    const { lines } = await stepsOf(t, id)
    assert.deepEqual(lines.map(shape), ['Q ended w'])
    assert.equal(lines[0]?.detail?.outcome, 'deleted')
    await t.jump(7 * 86_400 * second)
    assert.equal(await t.engine.status({ account, id: id ?? '' }), null)
  })

  test('are bounded: the first ten, the last hundred, and how many are left out', async () => {
    await using t = testEngine()
    await t.create('q', { history: 'steps' })
    const [id] = await t.send('q', 'x')
    for (let i = 0; i < 150; i++) await take(t, { action: { do: 'release', reason: `${i}` } })
    const { lines, omitted } = await stepsOf(t, id)
    assert.deepEqual([lines.length, omitted], [110, 40])
    assert.deepEqual([lines[9]?.text, lines[10]?.text, lines[109]?.text], ['9', '50', '149'])
  })

  test('are bounded in size: old answers go, the latest stay', async () => {
    await using t = testEngine()
    await t.create('q', { history: 'steps' })
    const [id] = await t.send('q', 'x')
    const answer = 'a'.repeat(10_000)
    for (let i = 0; i < 40; i++) await take(t, { action: { do: 'release' }, by: 'push', detail: { answer } })
    const { lines } = await stepsOf(t, id)
    assert.ok(JSON.stringify(lines).length < 100_000)
    assert.equal(lines.length, 40)
    assert.equal(lines[0]?.detail?.answer, undefined)
    assert.equal(lines[39]?.detail?.answer?.length, 4096)
  })

  test('are kept of the queues that want them only, and forgotten when one wants them no longer', async () => {
    await using t = testEngine()
    await t.create('q')
    const [id] = await t.send('q', 'x')
    await take(t, { action: { do: 'release' } })
    assert.deepEqual((await stepsOf(t, id)).lines, [])
    await t.engine.updateQueue({ ...at('q'), settings: { history: 'steps' } })
    await take(t, { action: { do: 'release' } })
    assert.equal((await stepsOf(t, id)).lines.length, 1)
    await t.engine.updateQueue({ ...at('q'), settings: { history: 'end' } })
    await t.advance(61 * second)
    await t.engine.updateQueue({ ...at('q'), settings: { history: 'steps' } })
    assert.deepEqual((await stepsOf(t, id)).lines, [])
  })

  test('follow a dead letter into a queue that keeps them', async () => {
    await using t = testEngine()
    await t.create('dead', { history: 'steps' })
    await t.create('q', { history: 'steps', deadLetterQueue: 'dead' })
    const [id] = await t.send('q', 'x')
    await take(t, { action: { do: 'fail', reason: 'status 500' } })
    const [dead] = await t.receive('dead', { holder: 'person' })
    assert.ok(dead)
    await t.settle(dead, { do: 'delete' })
    assert.deepEqual((await stepsOf(t, id)).lines.map(shape), ['Q Q w moved to dead: status 500', 'Q ended person'])
  })

  test('of subscribers are told apart by group, also of what they do after its end', async () => {
    await using t = testEngine()
    await t.create('q', { history: 'steps' })
    await t.engine.createGroup({ ...at('q'), group: 's', subscription: {} })
    const [id] = await t.send('q', 'x')
    await take(t, { action: { do: 'delete' } })
    const [late] = await t.receive('q', { group: 's', holder: 's1' })
    assert.ok(late)
    await t.settle(late, { do: 'release', reason: 'later' })
    assert.deepEqual(
      (await stepsOf(t, id)).lines.map(({ group, to }) => [group, to]),
      [
        ['default', 'ended'],
        ['s', 'Q'],
      ],
    )
    const [last] = await t.receive('q', { group: 's' })
    assert.ok(last)
    await t.settle(last, { do: 'delete' })
    assert.deepEqual(
      (await stepsOf(t, id)).lines.map(({ group, to }) => [group, to]),
      [
        ['default', 'ended'],
        ['s', 'Q'],
        ['s', 'ended'],
      ],
    )
  })
})

test('why handling failed is told with the status of a message, kept or gone', async () => {
  const failure = { kind: 'status', status: 500, answer: 'oh no' } as const
  for (const keepFinished of ['message', 'nothing'] as const) {
    await using t = testEngine()
    await t.create('q', { keepFinished })
    const [id = ''] = await t.send('q', 'x')
    await take(t, { action: { do: 'fail', reason: 'answered 500', failure } })
    const status = await t.engine.status({ account, id })
    const said = keepFinished === 'message' ? status?.deliveries[0] : status?.ended
    assert.deepEqual([said?.failure, said?.reason], [failure, 'answered 500'])
    assert.equal(
      keepFinished === 'message' ? status?.deliveries[0]?.type : status?.ended?.outcome,
      keepFinished === 'message' ? 'E' : 'errored',
    )
  }
})

test('purged messages end with their steps', async () => {
  await using t = testEngine()
  await t.create('q', { history: 'steps' })
  const [id] = await t.send('q', 'x')
  await take(t, { action: { do: 'release', reason: 'once' } })
  await t.engine.purgeQueue(at('q'))
  await t.advance(second)
  assert.deepEqual((await stepsOf(t, id)).lines.map(shape), ['Q Q w once'])
})

test('of a subscriber that goes are remembered with those of the end before it, and none are left', async () => {
  await using t = testEngine({ store: memoryStore({ runTwice: true }) })
  await t.create('q', { history: 'steps' })
  await t.engine.createGroup({ ...at('q'), group: 's', subscription: {} })
  const [ended] = await t.send('q', 'x')
  await take(t, { action: { do: 'delete' } })
  const [kept] = await t.send('q', 'y')
  for (const message of await t.receive('q', { group: 's' }))
    await t.settle(message, { do: 'release', reason: 'later' })
  await t.engine.deleteGroup({ ...at('q'), group: 's' })
  await t.idle()
  assert.deepEqual((await stepsOf(t, ended)).lines.map(shape), ['Q ended w', 'Q Q receiver later'])
  assert.deepEqual((await stepsOf(t, kept)).lines.map(shape), ['Q Q receiver later'])
  assert.equal(await t.store.records?.count('steps'), 1)
})
