import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { at, bodies, bodyOf, deleteEntries, refusal, testEngine, text } from '../../testing/test-engine.ts'
import type { NewMessage } from '../message.ts'
import type { ReceivedMessage } from '../requests.ts'

const second = 1_000

/** `a1` is the first message of group `a`. */
const inGroup = (name: string, more: Omit<NewMessage, 'body'> = {}) => text(name, { messageGroup: name[0]!, ...more })
const sendInGroups = (t: TestEngine, ...names: string[]) => t.send('q', ...names.map((name) => inGroup(name)))
const grouped = async () => {
  const t = testEngine()
  await t.create('q', { ordering: 'grouped', visibilityTimeoutMs: 30 * second })
  return t
}
const remove = (t: TestEngine, messages: readonly ReceivedMessage[]) =>
  t.engine.settle({ ...at('q'), entries: deleteEntries(messages) })

test('one receive drains a message group before it goes to the next, the longest waiting first', async () => {
  await using t = await grouped()
  await sendInGroups(t, 'a1', 'b1', 'a2', 'c1', 'b2', 'a3')
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 4 })), ['a1', 'a2', 'a3', 'b1'])
  assert.deepEqual(bodies(await t.receive('q')), ['c1'], 'b is locked')
})

test('the groups are taken one by one by receives of one message', async () => {
  await using t = await grouped()
  await sendInGroups(t, 'a1', 'b1', 'a2', 'c1', 'b2')
  const first = await t.receive('q', { maxMessages: 1 })
  const second = await t.receive('q', { maxMessages: 1 })
  assert.deepEqual(bodies([...first, ...second]), ['a1', 'b1'])
  assert.deepEqual(bodies(await t.receive('q')), ['c1'])
  await remove(t, second)
  await remove(t, first)
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 1 })), ['b2'], 'b has waited longer')
})

test('messages that come to a locked group wait', async () => {
  await using t = await grouped()
  await sendInGroups(t, 'a1')
  const received = await t.receive('q')
  await sendInGroups(t, 'a2', 'a3')
  assert.deepEqual(await t.receive('q'), [])
  await remove(t, received)
  assert.deepEqual(bodies(await t.receive('q')), ['a2', 'a3'])
})

test('when the last message in work of a group is deleted, the group goes behind those that wait', async () => {
  await using t = await grouped()
  await sendInGroups(t, 'a1', 'a2', 'a3')
  const received = await t.receive('q', { maxMessages: 2 })
  await sendInGroups(t, 'b1')
  await remove(t, received.slice(1))
  assert.deepEqual(bodies(await t.receive('q', { visibilityTimeoutMs: 0 })), ['b1'], 'a1 is still in work')
  await remove(t, received)
  assert.deepEqual(bodies(await t.receive('q')), ['b1', 'a3'])
})

test('a delayed message does not overtake, nor does it block what was sent before it', async () => {
  await using t = await grouped()
  await t.send('q', inGroup('a1'), inGroup('a2', { delayMs: second }), inGroup('a3'), inGroup('b1'))
  const received = await t.receive('q')
  assert.deepEqual(bodies(received), ['a1', 'b1'])
  await remove(t, received)
  assert.deepEqual(await t.receive('q'), [])
  await t.advance(second)
  assert.deepEqual(bodies(await t.receive('q')), ['a2', 'a3'])
})

test('a message that becomes visible again goes to its place, and its group is available at once', async () => {
  await using t = await grouped()
  await sendInGroups(t, 'a1', 'a2')
  const [a1] = await t.receive('q', { maxMessages: 1 })
  await t.settle(a1!, { do: 'extend', visibilityTimeoutMs: 0 })
  assert.deepEqual(bodies(await t.receive('q')), ['a1', 'a2'])
})

/** After a1, a2, a3 were received and some of them extended: what is to be had when the others have timed out. */
const afterExtending = async (...extended: string[]) => {
  await using t = await grouped()
  await sendInGroups(t, 'a1', 'a2', 'a3', 'a4')
  const received = await t.receive('q', { maxMessages: 3, visibilityTimeoutMs: 10 * second })
  for (const message of received) {
    if (extended.includes(bodyOf(message))) await t.settle(message, { do: 'extend', visibilityTimeoutMs: 60 * second })
  }
  await t.advance(10 * second)
  return bodies(await t.receive('q'))
}

test('a message in work hides everything behind it in its group', async () => {
  assert.deepEqual(await afterExtending(), ['a1', 'a2', 'a3', 'a4'])
  assert.deepEqual(await afterExtending('a1'), [])
  assert.deepEqual(await afterExtending('a2'), ['a1'])
  assert.deepEqual(await afterExtending('a3'), ['a1', 'a2'])
})

test('a visibility timeout of 0 leaves the group available, behind those that wait', async () => {
  await using t = await grouped()
  await sendInGroups(t, 'a1', 'a2', 'b1')
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 2, visibilityTimeoutMs: 0 })), ['a1', 'a2'])
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 1, visibilityTimeoutMs: 0 })), ['b1'])
  assert.deepEqual(bodies(await t.receive('q')), ['a1', 'a2', 'b1'])
})

test('priority does not count in ordered queues', async () => {
  await using t = await grouped()
  await t.create('o', { ordering: 'ordered' })
  for (const queue of ['q', 'o']) {
    await t.send(queue, inGroup('a1'), inGroup('a2', { priority: 9 }), inGroup('b1', { priority: 99 }))
    assert.deepEqual(bodies(await t.receive(queue)), ['a1', 'a2', 'b1'])
  }
})

test('messages without a message group keep nobody waiting', async () => {
  await using t = await grouped()
  await t.send('q', '1', inGroup('a1'), '2')
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 1 })), ['1'])
  assert.deepEqual(bodies(await t.receive('q')).sort(), ['2', 'a1'])
})

test('a strictly ordered queue is one group, whatever the messages say', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered' })
  await t.send('q', inGroup('a1'), inGroup('b1'), '3', inGroup('c1', { delayMs: 2 * second }), '5')
  const first = await t.receive('q', { maxMessages: 2 })
  assert.deepEqual(bodies(first), ['a1', 'b1'])
  assert.deepEqual(await t.receive('q'), [])
  await remove(t, first)
  const third = await t.receive('q')
  assert.deepEqual(bodies(third), ['3'], 'a delayed head blocks what is behind it')
  await remove(t, third)
  assert.deepEqual(await t.receive('q'), [])
  await t.advance(2 * second)
  assert.deepEqual(bodies(await t.receive('q')), ['c1', '5'])
})

test('in a strictly ordered queue a retry holds up all others', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered' })
  await t.send('q', '1', '2')
  const [first] = await t.receive('q', { maxMessages: 1 })
  await t.settle(first!, { do: 'release', delayMs: 5 * second })
  assert.deepEqual(await t.receive('q'), [])
  await t.advance(5 * second)
  assert.deepEqual(bodies(await t.receive('q')), ['1', '2'])
})

test('a group goes on when its head expires, is dead lettered, finished, or deleted by its id', async () => {
  const ends: Record<string, (t: TestEngine, head: ReceivedMessage) => Promise<unknown>> = {
    expires: (t) => t.advance(60 * second),
    'is dead lettered': (t, head) => t.settle(head, { do: 'dead-letter' }),
    'is finished and kept': (t, head) => t.settle(head, { do: 'finish', as: 'E' }),
    'is deleted by its id': (t, head) => t.engine.deleteMessages({ ...at('q'), ids: [head.id], leased: 'anyway' }),
  }
  for (const [end, make] of Object.entries(ends)) {
    await using t = testEngine()
    await t.create('q', { ordering: 'grouped', keepFinished: 'message' })
    await t.send('q', inGroup('a1', { retentionMs: 60 * second }), inGroup('a2'))
    const [head] = await t.receive('q', { maxMessages: 1, visibilityTimeoutMs: 1_000 * second })
    const next = t.receive('q', { waitMs: 300 * second })
    assert.ok(await t.isWaiting(next))
    await make(t, head!)
    assert.deepEqual(bodies(await next), ['a2'], end)
  }
})

test('a claim holds its group as any lease does', async () => {
  await using t = await grouped()
  await sendInGroups(t, 'a1', 'a2', 'b1')
  const view = await t.engine.claim({ ...at('q'), maxMessages: 1, ttlMs: second, graceMs: 0 })
  assert.deepEqual(bodies(view?.messages ?? []), ['a1'])
  assert.deepEqual(bodies(await t.receive('q', { visibilityTimeoutMs: 0 })), ['b1'])
  await t.engine.releaseClaim({ ...at('q'), claim: view?.id ?? '' })
  assert.deepEqual(bodies(await t.receive('q')), ['b1', 'a1', 'a2'])
})

test('a dead letter of a group keeps the order of those that follow it', async () => {
  await using t = testEngine()
  await t.create('dead', { ordering: 'grouped' })
  await t.create('q', { ordering: 'grouped', receiveLimit: 1, deadLetterQueue: 'dead', deadLetterAt: 'receive' })
  await sendInGroups(t, 'a1', 'a2', 'a3')
  await t.receive('q', { maxMessages: 2, visibilityTimeoutMs: second })
  await t.advance(second)
  assert.deepEqual(bodies(await t.receive('q')), ['a3'])
  assert.deepEqual(bodies(await t.receive('dead')), ['a1', 'a2'])
})

test('reprocessing is refused in ordered queues at the call, and changes nothing', async () => {
  for (const ordering of ['grouped', 'ordered'] as const) {
    await using t = testEngine()
    await t.create('q', { ordering })
    await t.send('q', inGroup('a1'))
    const [message] = await t.receive('q')
    await assert.rejects(t.settle(message!, { do: 'reprocess', delayMs: 5 }), refusal('OrderedQueue', { queue: 'q' }))
    assert.deepEqual(await t.counts('q'), { leased: 1 })
    await t.settle(message!, { do: 'finish', as: 'E' })
  }
})

test('consumer groups of an ordered queue are ordered each on its own', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered', consumerGroups: true })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  await t.send('q', '1', '2', '3')
  const g = await t.receive('q', { group: 'g', maxMessages: 1 })
  assert.deepEqual(await t.receive('q', { group: 'g' }), [])
  assert.deepEqual(bodies(await t.receive('q', { group: 'h', maxMessages: 2 })), ['1', '2'])
  await remove(t, g)
  assert.deepEqual(bodies(await t.receive('q', { group: 'g' })), ['2', '3'])
})

test('what is brought back by hand waits for a younger one of its message group that is in work', async () => {
  for (const ordering of ['ordered', 'grouped'] as const) {
    await using t = testEngine()
    await t.create('q', { ordering, keepFinished: 'message', visibilityTimeoutMs: 30 * second })
    await sendInGroups(t, 'a1', 'a2', 'a3')
    const [a1] = await t.receive('q', { maxMessages: 1 })
    await t.settle(a1!, { do: 'finish', as: 'E' })
    const [a2] = await t.receive('q', { maxMessages: 1 })
    const reprocess = { ...at('q'), ids: [a1!.id], action: { do: 'reprocess' }, by: 'ada' } as const
    assert.equal((await t.engine.actOnMessages(reprocess))[0]?.type, 'Q')
    await sendInGroups(t, 'a4')
    assert.deepEqual(await t.receive('q'), [], ordering)
    if (ordering === 'grouped') {
      await sendInGroups(t, 'b1')
      assert.deepEqual(bodies(await t.receive('q')), ['b1'], 'of another message group')
    }
    await t.settle(a2!, { do: 'finish', as: 'P' })
    assert.deepEqual(bodies(await t.receive('q')), ['a1', 'a3', 'a4'], ordering)
  }
})

test('what is brought back by hand comes first when the lease of a younger one ends', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered', keepFinished: 'message', visibilityTimeoutMs: 30 * second })
  await t.send('q', '1', '2')
  const [first] = await t.receive('q', { maxMessages: 1 })
  await t.settle(first!, { do: 'finish', as: 'E' })
  await t.receive('q', { maxMessages: 1 })
  await t.engine.actOnMessages({ ...at('q'), ids: [first!.id], action: { do: 'reprocess' }, by: 'ada' })
  const waiting = t.receive('q', { waitMs: 60 * second })
  await t.advance(30 * second)
  assert.deepEqual(bodies(await waiting), ['1', '2'])
})

test('so does a dead letter that is put back into its group', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered', deadLetters: 'group', visibilityTimeoutMs: 30 * second })
  await t.send('q', '1', '2')
  const [first] = await t.receive('q', { maxMessages: 1 })
  await t.settle(first!, { do: 'dead-letter' })
  const [second_] = await t.receive('q', { maxMessages: 1 })
  await t.engine.startRedrive({ ...at('q'), group: 'default' })
  await t.idle()
  assert.deepEqual(await t.receive('q'), [])
  await remove(t, [second_!])
  assert.deepEqual(bodies(await t.receive('q')), ['1'])
})
