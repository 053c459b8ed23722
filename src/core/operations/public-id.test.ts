import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, at, refusal, testEngine } from '../../testing/test-engine.ts'

const chosen = '6237ad734625ff4ccdbe6be3'
const other = '6237ad734625ff4ccdbe6be4'

test('every queue has an id that stays, and is found by it or by its name', async () => {
  await using t = testEngine()
  const { queue } = await t.engine.createQueue(at('q'))
  assert.match(queue.publicId, /^[0-9a-f]{24}$/)
  assert.equal((await t.engine.updateQueue({ ...at('q'), settings: { delayMs: 1 } })).publicId, queue.publicId)
  for (const nameOrId of ['q', queue.publicId, queue.publicId.toUpperCase()]) {
    assert.equal((await t.engine.findQueue({ account, nameOrId }))?.name, 'q')
  }
  for (const nameOrId of ['Q', '', chosen, `${queue.publicId}0`]) {
    assert.equal(await t.engine.findQueue({ account, nameOrId }), null)
  }
  assert.equal(await t.engine.findQueue({ account: 'another', nameOrId: queue.publicId }), null)
})

test('an id can be chosen, changed and given up, and goes with its queue', async () => {
  await using t = testEngine()
  const made = (await t.engine.createQueue(at('q'))).queue.publicId
  const nameOf = async (nameOrId: string) => (await t.engine.findQueue({ account, nameOrId }))?.name
  assert.equal((await t.engine.updateQueue({ ...at('q'), settings: { publicId: chosen } })).publicId, chosen)
  assert.deepEqual([await nameOf(chosen), await nameOf(made)], ['q', 'q'])
  await t.engine.updateQueue({ ...at('q'), settings: { publicId: other } })
  assert.deepEqual([await nameOf(chosen), await nameOf(other)], [undefined, 'q'])
  assert.equal((await t.engine.updateQueue({ ...at('q'), settings: { publicId: null } })).publicId, made)
  assert.equal(await nameOf(other), undefined)
  await t.engine.updateQueue({ ...at('q'), settings: { publicId: chosen } })
  await t.engine.deleteQueue(at('q'))
  assert.equal(await nameOf(chosen), undefined)
  await t.engine.createQueue({ ...at('r'), settings: { publicId: chosen } })
  assert.equal(await nameOf(chosen), 'r')
})

test('two queues of an account never have the same id; those of two accounts may', async () => {
  await using t = testEngine()
  const taken = refusal('SettingInvalid', { setting: 'publicId' })
  const { queue } = await t.engine.createQueue({ ...at('q'), settings: { publicId: chosen } })
  await assert.rejects(t.engine.createQueue({ ...at('r'), settings: { publicId: chosen } }), taken)
  await assert.rejects(t.engine.getQueue(at('r')), refusal('QueueNotFound'))
  const made = (await t.engine.createQueue(at('r'))).queue.publicId
  await assert.rejects(t.engine.updateQueue({ ...at('r'), settings: { publicId: chosen } }), taken)
  await assert.rejects(t.engine.updateQueue({ ...at('q'), settings: { publicId: made } }), taken)
  await t.engine.createQueue({ account: 'another', queue: 'q', settings: { publicId: chosen } })
  assert.equal((await t.engine.findQueue({ account, nameOrId: chosen }))?.id, queue.id)
  for (const publicId of ['', 'x', chosen.toUpperCase(), `${chosen}0`]) {
    await assert.rejects(t.engine.updateQueue({ ...at('q'), settings: { publicId } }), taken)
  }
})

test('an id goes before a name that looks the same', async () => {
  await using t = testEngine()
  await t.engine.createQueue(at(chosen))
  assert.equal((await t.engine.findQueue({ account, nameOrId: chosen }))?.name, chosen)
  await t.engine.createQueue({ ...at('q'), settings: { publicId: chosen } })
  assert.equal((await t.engine.findQueue({ account, nameOrId: chosen }))?.name, 'q')
})

test('a virtual queue is found while it holds messages, and becomes explicit with the same id', async () => {
  await using t = testEngine()
  const [sent] = await t.engine.send({ ...at('v'), messages: [{ body: Buffer.from('1') }] })
  const { publicId } = await t.engine.getQueue(at('v'))
  assert.equal((await t.engine.findQueue({ account, nameOrId: publicId }))?.explicit, false)
  assert.equal((await t.engine.status({ account, id: sent?.id ?? '' }))?.queuePublicId, publicId)
  await t.engine.pop(at('v'))
  assert.equal(await t.engine.findQueue({ account, nameOrId: publicId }), null)
  assert.equal((await t.engine.createQueue(at('v'))).queue.publicId, publicId)
})

test('the history of a message names its queue when that is gone', async () => {
  await using t = testEngine()
  await t.engine.createQueue({ ...at('q'), settings: { publicId: chosen } })
  const [sent] = await t.engine.send({ ...at('q'), messages: [{ body: Buffer.from('1') }] })
  await t.engine.pop(at('q'))
  await t.engine.deleteQueue(at('q'))
  const status = await t.engine.status({ account, id: sent?.id ?? '' })
  assert.deepEqual([status?.queue, status?.queuePublicId], ['q', chosen])
})
