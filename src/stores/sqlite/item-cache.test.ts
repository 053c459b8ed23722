import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Item } from '../../core/delivery.ts'
import { Generations } from '../sql/generations.ts'
import { ItemCache } from './item-cache.ts'

const item = (groupId: number, position: number, bodyBytes = 100, nonce = 1): Item => ({
  delivery: {
    groupId,
    position,
    serial: position,
    type: 'Q',
    state: 'leased',
    visibleAt: 9,
    dueAt: 9,
    urgency: 0,
    rank: position,
    messageGroup: null,
    receiveCount: 1,
    firstReceivedAt: 1,
    reprocessCount: 0,
    nonce,
    claimId: null,
    modifiedAt: 1,
    detail: null,
  },
  message: {
    serial: position,
    sentAt: 1,
    queueId: 1,
    position,
    expiresAt: null,
    priority: 0,
    body: new Uint8Array(bodyBytes),
    contentType: null,
    messageGroup: null,
    attributes: null,
    extra: null,
  },
})

test('holds no more than its bounds, and the latest of it', () => {
  const cache = new ItemCache({ count: 1_000, bytes: 1_000_000 })
  for (let position = 0; position < 10_000; position++) {
    cache.add(item(1, position, 1_000))
    assert.ok(cache.bytes <= 1_000_000)
    assert.ok(cache.size <= 1_000)
    assert.ok(cache.get(1, position))
  }
  assert.ok(cache.get(1, 9_800))
  assert.equal(cache.get(1, 5_000), undefined)
})

test('leaves out what would fill it alone', () => {
  const cache = new ItemCache({ count: 1_000, bytes: 1_000_000 })
  cache.add(item(1, 1, 600_000))
  assert.equal(cache.get(1, 1), undefined)
  assert.equal(cache.bytes, 0)
})

test('deliveries of one message to several groups are apart', () => {
  const cache = new ItemCache({ count: 1_000, bytes: 1_000_000 })
  for (const group of [1, 2, 3]) cache.add(item(group, 7, 100, group))
  cache.remove(2, 7)
  assert.deepEqual(
    [1, 2, 3].map((group) => cache.get(group, 7)?.delivery.nonce),
    [1, undefined, 3],
  )
  cache.update({ ...item(3, 7).delivery, nonce: 30 })
  cache.update({ ...item(1, 7).delivery, state: 'ready' })
  assert.equal(cache.get(1, 7), undefined)
  assert.equal(cache.get(3, 7)?.delivery.nonce, 30)
  cache.remove(3, 7)
  cache.remove(3, 7)
  assert.equal(cache.size, 0)
  assert.equal(cache.bytes, 0)
})

test('a moved message is shown where it is, however long it stays', () => {
  const cache = new ItemCache({ count: 100, bytes: 1_000_000 })
  cache.add(item(1, 1))
  for (let position = 100; position < 160; position++) cache.add(item(1, position))
  cache.moveMessage(1, { queueId: 2, position: 900, expiresAt: 5 })
  for (let position = 200; position < 230; position++) cache.add(item(1, position))
  const moved = cache.get(1, 1)?.message
  assert.deepEqual([moved?.queueId, moved?.position, moved?.expiresAt], [2, 900, 5])
  for (let position = 300; position < 400; position++) cache.add(item(1, position))
  assert.equal(cache.get(1, 1), undefined)
})

test('generations keep what is used and let go of the rest', () => {
  const cache = new Generations<number, string>(100)
  cache.set(1, 'one')
  for (let key = 100; key < 1_000; key++) {
    cache.set(key, 'many')
    assert.equal(cache.get(1), 'one')
    assert.ok(cache.size <= 100)
  }
  assert.equal(cache.get(100), undefined)
  cache.delete(1)
  assert.equal(cache.get(1), undefined)
  cache.clear()
  assert.equal(cache.size, 0)
})
