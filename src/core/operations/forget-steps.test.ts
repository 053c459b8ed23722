import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { memoryStore } from '../../testing/index.ts'
import { account, at, type TestEngine, testEngine } from '../../testing/test-engine.ts'
import { parseMessageId } from '../ids.ts'
import type { History } from '../queue.ts'
import type { ReceivedMessage, SettleAction } from '../requests.ts'

const minute = 60_000

/** Messages with a step each, received once more. */
const start = async (t: TestEngine, ...texts: string[]): Promise<readonly ReceivedMessage[]> => {
  await t.create('dead')
  await t.create('q', { history: 'steps', visibilityTimeoutMs: 10 * minute, deadLetterQueue: 'dead' })
  await t.send('q', ...texts)
  await settle(t, await t.receive('q'), { do: 'release' })
  return t.receive('q')
}

const settle = (t: TestEngine, messages: readonly ReceivedMessage[], action: SettleAction) =>
  t.engine.settle({
    ...at('q'),
    entries: messages.map(({ receiptHandle }) => ({ receiptHandle: receiptHandle ?? '', action })),
  })

const setHistory = (t: TestEngine, history: History) => t.engine.updateQueue({ ...at('q'), settings: { history } })

const stepsIn = async ({ store }: TestEngine): Promise<number> => (await store.records?.count('steps')) ?? 0

const linesOf = async (t: TestEngine, { id }: ReceivedMessage) =>
  (await t.engine.status({ account, id }))?.steps.map(({ text }) => text)

/** Whatever becomes of the messages while their queue keeps no steps, none are left: the test engine looks at its end. */
suite('steps of messages that end while their queue keeps none', () => {
  const ends: Readonly<Record<string, (t: TestEngine, messages: readonly ReceivedMessage[]) => Promise<unknown>>> = {
    deleted: (t, messages) => settle(t, messages, { do: 'delete' }),
    finished: (t, messages) => settle(t, messages, { do: 'finish', as: 'P' }),
    'moved to another queue': (t, messages) => settle(t, messages, { do: 'dead-letter' }),
    purged: (t) => t.engine.purgeQueue(at('q')),
  }
  for (const [name, end] of Object.entries(ends)) {
    for (const then of ['end', 'steps', 'none'] as const) {
      test(`${name}, and it is set to ${then} at once`, async () => {
        await using t = testEngine({ store: memoryStore({ runTwice: true }) })
        const messages = await start(t, 'x', 'y', 'z')
        assert.equal(await stepsIn(t), 3)
        await Promise.all([setHistory(t, 'end'), end(t, messages), setHistory(t, then)])
        await t.advance(2 * minute)
        assert.equal(await stepsIn(t), 0)
      })
    }
  }
})

suite('a change of what is kept', () => {
  test('leaves the steps of what is there, if it is taken back soon', async () => {
    await using t = testEngine()
    const [message, ended] = await start(t, 'x', 'y')
    assert.ok(message && ended)
    await setHistory(t, 'end')
    await settle(t, [ended], { do: 'delete' })
    await setHistory(t, 'steps')
    await settle(t, [message], { do: 'release', reason: 'again' })
    await t.advance(2 * minute)
    assert.deepEqual(await linesOf(t, message), [undefined, 'again'])
    assert.equal(await stepsIn(t), 1)
  })

  test('is followed up over as many steps as there are', async () => {
    await using t = testEngine()
    await t.create('q', { history: 'steps' })
    const lost = Array.from({ length: 1_100 }, (_, i) => 1_000_000 + i)
    await setHistory(t, 'end')
    await putSteps(t, lost)
    await t.advance(2 * minute)
    assert.equal(await stepsIn(t), 0)
    const ids = await t.send('q', 'x', 'y', 'z')
    await setHistory(t, 'steps')
    await putSteps(t, [...ids.map(serialOf), ...lost])
    await t.advance(2 * minute)
    assert.equal(await stepsIn(t), 3)
  })

  test('is followed up once what was purged before it is gone', async () => {
    await using t = testEngine()
    await t.create('q', { history: 'steps' })
    // What it was given goes first, so that it takes a while until the messages go.
    await t.engine.createGroup({ ...at('q'), group: 's', subscription: {} })
    const ids = await t.send('q', ...Array.from({ length: 1_000 }, (_, i) => `${i}`))
    await putSteps(t, ids.map(serialOf))
    await Promise.all([setHistory(t, 'end'), t.engine.purgeQueue(at('q')), setHistory(t, 'steps')])
    await t.jump(minute)
    await t.advance(minute)
    assert.equal(await stepsIn(t), 0)
  })
})

const serialOf = (id: string): number => parseMessageId(id)?.serial ?? 0

const putSteps = async ({ engine, store }: TestEngine, serials: readonly number[]) => {
  const { id: queueId } = await engine.getQueue(at('q'))
  await store.transact([
    {
      run(transaction) {
        for (const serial of serials) transaction.putSteps({ queueId, serial, lines: [], omitted: 0 })
      },
    },
  ])
}
