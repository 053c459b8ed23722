import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore } from '../../testing/index.ts'
import { at, bodyOf, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { isRefusal } from '../errors.ts'

const input = { fields: [{ name: 'email', type: 'email', required: true }] } as const

test('a message that is not as its queue declares is refused with the whole request, and nothing is stored', async () => {
  await using t = testEngine({ store: memoryStore({ runTwice: true }) })
  await t.create('q', { input })
  const sending = t.send('q', '{"email":"a@b.co"}', '{"email":1}', 'not json')
  await assert.rejects(sending, (error: unknown) => {
    assert.ok(isRefusal(error, 'InputInvalid'))
    assert.deepEqual(error.data, {
      queue: 'q',
      message: 1,
      violations: [
        { field: 'email', rule: 'type', message: "'email' must be an e-mail address.", type: 'email', value: 1 },
      ],
      more: 0,
    })
    return true
  })
  for (const body of ['not json', '', '{"email":"a@b.co"} x', '\ufeff{"email":"a@b.co"}']) {
    await assert.rejects(t.send('q', body), refusal('InputInvalid'), body)
  }
  await assert.rejects(t.send('q', { body: Uint8Array.of(0x22, 0xff, 0x22) }), refusal('InputInvalid'))
  assert.deepEqual(await t.counts('q'), {})
})

test('what fits is passed on to the byte', async () => {
  await using t = testEngine()
  await t.create('q', { input })
  const body = ' {"email" : "a@b.co", "big": 12345678901234567890, "big": 1.10, "__proto__": {"x": 1}}\n'
  await t.send('q', body)
  const [message] = await t.receive('q')
  assert.equal(message && bodyOf(message), body)
})

test('a structure that cannot be used is refused when it is set, and the one in force stays', async () => {
  await using t = testEngine()
  await t.create('q', { input })
  const set = (settings: object) => t.engine.updateQueue({ ...at('q'), settings })
  for (const bad of [{}, { fields: [{ name: 'a' }] }, { fields: [], schema: {} }, [], 'x', { schema: {} }]) {
    await assert.rejects(set({ input: bad }), refusal('SettingInvalid', { setting: 'input' }), JSON.stringify(bad))
  }
  await assert.rejects(t.send('q', '{}'), refusal('InputInvalid'))
  await set({ input: null })
  await t.send('q', '{}', 'anything')
})

test('a repeated request is told what it was told the first time, whatever is declared since', async () => {
  await using t = testEngine()
  await t.create('q')
  const request = { ...at('q'), messages: [text('{}')], idempotencyKey: 'k' }
  const [first] = await t.engine.send(request)
  await t.engine.updateQueue({ ...at('q'), settings: { input } })
  const [again] = await t.engine.send(request)
  assert.deepEqual([again?.id, again?.duplicate], [first?.id, true])
})
