import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, bodies, deleteEntries, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { receiptHandle } from '../ids.ts'
import type { ReceivedMessage, SettleAction } from '../requests.ts'

const second = 1_000
const day = 86_400 * second

const receiveOne = async (t: TestEngine, visibilityTimeoutMs = 10 * second): Promise<ReceivedMessage> => {
  const [message] = await t.receive('q', { maxMessages: 1, visibilityTimeoutMs })
  assert.ok(message, 'there is a message to receive')
  return message
}

test('a deleted message is gone for good', async () => {
  await using t = testEngine()
  await t.create('q')
  const [id] = await t.send('q', 'x')
  const message = await receiveOne(t)
  const settled = await t.settle(message, { do: 'delete' })
  assert.deepEqual(settled, { id, type: null, reprocessCount: 0, visibleAt: null, changed: true })
  await t.jump(day)
  assert.deepEqual(await t.receive('q'), [])
  assert.deepEqual(await t.counts('q'), { done: 1 })
})

test('a lease is extended or shortened from now on, whatever was left of it', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const message = await receiveOne(t)
  await t.advance(9 * second)
  const settled = await t.settle(message, { do: 'extend', visibilityTimeoutMs: 5 * second })
  assert.equal(settled.visibleAt, t.clock.now() + 5 * second)
  await t.advance(5 * second - 1)
  assert.deepEqual(await t.receive('q'), [])
  await t.settle(message, { do: 'extend', visibilityTimeoutMs: second })
  await t.advance(second)
  assert.equal((await receiveOne(t)).receiveCount, 2)
})

test('an extension does not change what the next receive gets', async () => {
  await using t = testEngine()
  await t.create('q', { visibilityTimeoutMs: 3 * second })
  await t.send('q', 'x')
  const [first] = await t.receive('q')
  await t.settle(first!, { do: 'extend', visibilityTimeoutMs: second })
  await t.advance(second)
  const [again] = await t.receive('q')
  assert.equal(again?.leasedUntil, t.clock.now() + 3 * second)
})

test('a release makes the message visible at once in its place, later, or behind the ones that wait', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2', '3')
  await t.settle(await receiveOne(t), { do: 'release' })
  const first = await receiveOne(t)
  assert.deepEqual(bodies([first]), ['1'])
  const settled = await t.settle(first, { do: 'release', to: 'back' })
  assert.deepEqual([settled.type, settled.visibleAt], ['Q', null])
  assert.deepEqual(bodies(await t.receive('q', { visibilityTimeoutMs: 0 })), ['2', '3', '1'])
  const second2 = await receiveOne(t)
  const delayed = await t.settle(second2, { do: 'release', delayMs: second, to: 'back' })
  assert.deepEqual([delayed.type, delayed.visibleAt], ['Q', t.clock.now() + second])
  assert.deepEqual(await t.counts('q'), { ready: 2, delayed: 1 })
  await t.advance(second)
  assert.deepEqual(bodies(await t.receive('q')), ['3', '1', '2'])
})

test('a message of newest-first queue released to the back comes after all others', async () => {
  await using t = testEngine()
  await t.create('q', { newestFirst: true })
  await t.send('q', '1', '2', '3')
  await t.settle(await receiveOne(t), { do: 'release', to: 'back' })
  assert.deepEqual(bodies(await t.receive('q')), ['2', '1', '3'])
})

test('a release that was no failure takes the receive back', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  await t.settle(await receiveOne(t), { do: 'release', failed: false })
  assert.equal((await receiveOne(t)).receiveCount, 1)
})

test('a reprocess is type D until its time, and never comes early', async () => {
  await using t = testEngine()
  await t.send('q', 'x', 'y')
  const message = await receiveOne(t)
  const settled = await t.settle(message, { do: 'reprocess', delayMs: 5 * second, reason: 'not yet' })
  const { id } = message
  assert.deepEqual(settled, { id, type: 'D', reprocessCount: 1, visibleAt: t.clock.now() + 5 * second, changed: true })
  assert.deepEqual(await t.counts('q'), { ready: 1, reprocessing: 1 })
  const [stored] = await t.engine.getMessages({ ...at('q'), ids: [id] })
  assert.deepEqual([stored?.type, stored?.reprocessCount, stored?.reason], ['D', 1, 'not yet'])
  await t.advance(5 * second - 1)
  assert.deepEqual(bodies(await t.receive('q')), ['y'])
  await t.advance(1)
  assert.deepEqual(await t.counts('q'), { ready: 1, leased: 1 })
  const again = await receiveOne(t)
  assert.deepEqual([again.id, again.type, again.reprocessCount, again.receiveCount], [id, 'Q', 1, 2])
})

test('a reprocessed message comes before younger ones when its time has come', async () => {
  await using t = testEngine()
  await t.send('q', 'old')
  await t.settle(await receiveOne(t), { do: 'reprocess', delayMs: second })
  await t.send('q', 'young')
  await t.advance(second)
  assert.deepEqual(bodies(await t.receive('q')), ['old', 'young'])
})

test('a delay of 0 is back at once, counted; one of ten years is the longest', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: null })
  await t.send('q', 'x')
  const settled = await t.settle(await receiveOne(t), { do: 'reprocess', delayMs: 0 })
  assert.deepEqual([settled.type, settled.reprocessCount], ['Q', 1])
  const message = await receiveOne(t)
  for (const delayMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, 3652 * day + 1, 0.5]) {
    const wrong = t.settle(message, { do: 'reprocess', delayMs })
    await assert.rejects(wrong, refusal('ArgumentInvalid', { argument: 'delayMs' }))
  }
  await t.settle(message, { do: 'reprocess', delayMs: 3652 * day })
  assert.deepEqual(await t.counts('q'), { reprocessing: 1 })
})

test('what a settlement asks for is checked, and changes nothing', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const message = await receiveOne(t)
  for (const visibilityTimeoutMs of [-1, Number.NaN, 3652 * day + 1]) {
    const wrong = t.settle(message, { do: 'extend', visibilityTimeoutMs })
    await assert.rejects(wrong, refusal('ArgumentInvalid', { argument: 'visibilityTimeoutMs' }))
  }
  await assert.rejects(t.settle(message, { do: 'release', delayMs: -1 }), refusal('ArgumentInvalid'))
  assert.deepEqual(await t.counts('q'), { leased: 1 })
  for (const count of [0, 1001]) {
    const entries = Array.from({ length: count }, () => deleteEntries([message])[0]!)
    await assert.rejects(t.engine.settle({ ...at('q'), entries }), refusal('ArgumentInvalid', { argument: 'entries' }))
  }
})

// ---- finished messages --------------------------------------------------------------------------------------------

test('finished messages stay as the queue says, by type, and are never handed out', async () => {
  await using t = testEngine()
  await t.create('q', {
    keepFinished: 'message',
    keepProcessedMs: day,
    keepFilteredMs: 2 * day,
    keepShelvedMs: 3 * day,
  })
  await t.send('q', 'P', 'F', 'S', 'E')
  for (const message of await t.receive('q')) {
    const [as] = bodies([message]) as ['P' | 'F' | 'S' | 'E']
    const settled = await t.settle(message, { do: 'finish', as, reason: `was ${as}`, outbound: 'out' })
    assert.deepEqual([settled.type, settled.visibleAt], [as, null])
  }
  const stored = await t.engine.browse({ ...at('q'), states: ['finished'] })
  assert.deepEqual(
    stored.messages.map(({ type, reason, outbound }) => `${type} ${reason} ${outbound}`),
    ['P was P out', 'F was F out', 'S was S out', 'E was E out'],
  )
  const all = { processed: 1, filtered: 1, shelved: 1, errored: 1, done: 4 }
  assert.deepEqual(await t.counts('q'), all)
  await t.jump(day - 1)
  assert.deepEqual(await t.counts('q'), all)
  await t.advance(1)
  const { processed: _processed, ...withoutProcessed } = all
  assert.deepEqual(await t.counts('q'), withoutProcessed)
  await t.jump(2 * day)
  assert.deepEqual(await t.counts('q'), { errored: 1, done: 4 })
  await t.jump(400 * day)
  assert.deepEqual(await t.counts('q'), { errored: 1, done: 4 }, 'retention does not concern what is finished')
  assert.deepEqual(await t.receive('q'), [])
})

test('where nothing is kept, what a message was finished as is in its history', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'x')
  const message = await receiveOne(t)
  const settled = await t.settle(message, { do: 'finish', as: 'F', reason: 'not wanted' })
  assert.deepEqual([settled.type, settled.changed], [null, true])
  assert.deepEqual(await t.counts('q'), { done: 1 })
  const status = await t.engine.status({ account, id: message.id })
  assert.deepEqual([status?.ended?.outcome, status?.ended?.reason], ['filtered', 'not wanted'])
})

// ---- handles ------------------------------------------------------------------------------------------------------

/** What each rule says of a handle: its lease lasts, has ended, or was replaced; and when the message is gone. */
const rules: [rule: 'leased' | 'latest' | 'any', lasting: string, ended: string, replaced: string, gone: string][] = [
  ['leased', 'ok', 'LeaseLost', 'LeaseLost', 'unchanged'],
  ['latest', 'ok', 'ok', 'LeaseLost', 'unchanged'],
  ['any', 'ok', 'ok', 'ok', 'unchanged'],
]
for (const [rule, lasting, ended, replaced, gone] of rules) {
  test(`handles are good by the rule '${rule}'`, async () => {
    const attempt = async (t: TestEngine, message: ReceivedMessage, action: SettleAction = { do: 'delete' }) =>
      t.settle(message, action, rule).then(
        ({ changed }) => (changed ? 'ok' : 'unchanged'),
        (error) => (error as { code: string }).code,
      )
    const seen: string[] = []
    for (const state of ['lasting', 'ended', 'replaced', 'gone']) {
      await using t = testEngine()
      await t.send('q', 'x')
      const message = await receiveOne(t, second)
      if (state !== 'lasting') await t.advance(second)
      if (state === 'replaced') await receiveOne(t)
      if (state === 'gone') await t.engine.pop(at('q'))
      seen.push(await attempt(t, message))
    }
    assert.deepEqual(seen, [lasting, ended, replaced, gone])
  })
}

test('by the rule latest a lease that has ended can be taken up again', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const message = await receiveOne(t, second)
  await t.advance(second)
  await t.settle(message, { do: 'extend', visibilityTimeoutMs: second }, 'latest')
  assert.deepEqual(await t.receive('q'), [])
  await t.advance(second)
  assert.equal((await receiveOne(t)).receiveCount, 2)
})

test('no request brings back before its time what its worker put aside; it may only be deleted', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const message = await receiveOne(t)
  await t.settle(message, { do: 'reprocess', delayMs: 10 * second })
  const actions: SettleAction[] = [
    { do: 'release' },
    { do: 'extend', visibilityTimeoutMs: 0 },
    { do: 'extend', visibilityTimeoutMs: second },
    { do: 'finish', as: 'P' },
    { do: 'dead-letter' },
  ]
  for (const rule of ['leased', 'latest', 'any'] as const) {
    for (const action of actions) await assert.rejects(t.settle(message, action, rule), refusal('LeaseLost'))
  }
  assert.deepEqual(await t.counts('q'), { reprocessing: 1 })
  assert.equal((await t.settle(message, { do: 'delete' }, 'latest')).changed, true)
})

test('a lease ends exactly at its time, however late the timer is', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const message = await receiveOne(t, second)
  let now = t.clock.now()
  t.clock.now = () => now
  now += second - 1
  await t.settle(message, { do: 'extend', visibilityTimeoutMs: second })
  now += second
  await assert.rejects(t.settle(message, { do: 'delete' }), refusal('LeaseLost'))
  assert.equal((await receiveOne(t)).receiveCount, 2)
})

test('text that is no handle, a handle of another queue, and one that was made up are refused', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('other', 'x')
  const [elsewhere] = await t.receive('other')
  const refused = async (handle: string, code: 'ReceiptHandleInvalid' | 'LeaseLost') => {
    const [result] = await t.engine.settle({
      ...at('q'),
      entries: [{ receiptHandle: handle, action: { do: 'delete' } }],
    })
    assert.ok(result && !result.ok && refusal(code)(result.refusal))
  }
  for (const handle of ['', 'x', elsewhere!.id, elsewhere!.receiptHandle!])
    await refused(handle, 'ReceiptHandleInvalid')
  await t.send('q', 'y')
  const { position } = (await t.engine.browse(at('q'))).messages[0]!
  const groupId = (await t.engine.getQueue(at('q'))).groups[0]!.id
  await refused(receiptHandle({ groupId, position, nonce: 77 }), 'LeaseLost')
  await receiveOne(t)
  await refused(receiptHandle({ groupId, position, nonce: 77 }), 'LeaseLost')
  assert.deepEqual(bodies(await t.receive('other', { visibilityTimeoutMs: 0 })).length, 0, 'it is still leased there')
})

test('entries are answered one by one, in their order, and a refused one spoils no other', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', '1', '2', '3')
  const [a, b, c] = await t.receive('q')
  const results = await t.engine.settle({
    ...at('q'),
    entries: [
      { receiptHandle: a!.receiptHandle!, action: { do: 'delete' } },
      { receiptHandle: 'nonsense', action: { do: 'delete' } },
      { receiptHandle: b!.receiptHandle!, action: { do: 'release', delayMs: -1 } },
      { receiptHandle: a!.receiptHandle!, action: { do: 'delete' } },
      { receiptHandle: a!.receiptHandle!, action: { do: 'extend', visibilityTimeoutMs: 5 } },
      { receiptHandle: c!.receiptHandle!, action: { do: 'reprocess', delayMs: second } },
    ],
  })
  assert.deepEqual(
    results.map((result) => (result.ok ? `${result.value.type} ${result.value.changed}` : result.refusal.code)),
    ['null true', 'ReceiptHandleInvalid', 'ArgumentInvalid', 'null false', 'LeaseLost', 'D true'],
  )
  assert.deepEqual(await t.counts('q'), { leased: 1, reprocessing: 1, done: 1 })
})

test('a settlement that comes again gets the first answer, and nothing is counted twice', async () => {
  const actions: SettleAction[] = [
    { do: 'reprocess', delayMs: 5 * second },
    { do: 'reprocess', delayMs: 0 },
    { do: 'release', delayMs: 5 * second },
    { do: 'release', to: 'back' },
    { do: 'release', failed: false },
    { do: 'finish', as: 'E', reason: 'r' },
  ]
  for (const action of actions) {
    await using t = testEngine()
    await t.create('q', { keepFinished: 'message' })
    await t.send('q', 'x')
    const message = await receiveOne(t)
    const first = await t.settle(message, action)
    const before = await t.engine.getMessages({ ...at('q'), ids: [message.id] })
    await t.advance(100)
    assert.deepEqual(await t.settle(message, action), { ...first, changed: false }, JSON.stringify(action))
    assert.deepEqual(await t.engine.getMessages({ ...at('q'), ids: [message.id] }), before)
    if (action.do !== 'release') {
      await assert.rejects(t.settle(message, { do: 'release' }), refusal('LeaseLost'), 'it was settled otherwise')
    }
  }
})

test('finishing or deleting again what is gone by it changes nothing and is no mistake', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', '1', '2')
  const [a, b] = await t.receive('q')
  for (const changed of [true, false]) {
    assert.equal((await t.settle(a!, { do: 'delete' })).changed, changed)
    assert.equal((await t.settle(b!, { do: 'finish', as: 'P' })).changed, changed)
  }
  assert.deepEqual(await t.counts('q'), { done: 2 })
})

test('what was settled before the next receive does not answer for its lease', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const first = await receiveOne(t)
  await t.settle(first, { do: 'release' })
  const again = await receiveOne(t)
  await assert.rejects(t.settle(first, { do: 'release' }), refusal('LeaseLost'))
  await assert.rejects(t.settle(first, { do: 'reprocess', delayMs: 0 }), refusal('LeaseLost'))
  assert.equal((await t.settle(again, { do: 'reprocess', delayMs: 0 })).reprocessCount, 1)
})

test('leases, delays and counts survive a restart', async () => {
  const t = testEngine()
  await t.create('q')
  await t.send('q', 'leased', 'reprocessed', 'released')
  const [leased, reprocessed, released] = await t.receive('q', { visibilityTimeoutMs: 10 * second })
  await t.settle(reprocessed!, { do: 'reprocess', delayMs: 5 * second })
  await t.settle(released!, { do: 'release' })
  await t.engine.stop()
  await using restarted = testEngine({ store: t.store, clock: t.clock })
  await restarted.advance(4 * second)
  assert.deepEqual(await restarted.counts('q'), { leased: 1, reprocessing: 1, ready: 1 })
  await restarted.settle(leased!, { do: 'delete' })
  await restarted.advance(second)
  const received = await restarted.receive('q')
  assert.deepEqual(
    received.map(({ receiveCount, reprocessCount }) => [receiveCount, reprocessCount]),
    [
      [2, 1],
      [2, 0],
    ],
  )
})

test('who holds a lease is shown while it lasts', async () => {
  await using t = testEngine()
  await t.send('q', text('x'))
  const [message] = await t.receive('q', { holder: 'worker 7', visibilityTimeoutMs: second })
  const holder = async () => (await t.engine.getMessages({ ...at('q'), ids: [message!.id] }))[0]?.holder
  assert.equal(await holder(), 'worker 7')
  await t.advance(second)
  assert.equal(await holder(), null)
})

test('a reprocess that is asked for again gets the first answer, though the delay is over and another has the message', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'x')
  const [message] = await t.receive('q')
  const reprocess = () => t.settle(message!, { do: 'reprocess', delayMs: 1_000 })
  const first = await reprocess()
  assert.deepEqual([first.type, first.reprocessCount, first.visibleAt], ['D', 1, t.clock.now() + 1_000])
  const again = { ...first, changed: false }
  assert.deepEqual(await reprocess(), again)
  await t.advance(1_000)
  assert.deepEqual(await reprocess(), again)
  const [next] = await t.receive('q')
  assert.equal(next?.reprocessCount, 1)
  assert.deepEqual(await reprocess(), again)
  const second = await t.settle(next!, { do: 'reprocess', delayMs: 5_000 })
  assert.deepEqual([second.type, second.reprocessCount], ['D', 2])
  await assert.rejects(reprocess(), refusal('LeaseLost'))
})
