import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../testing/index.ts'
import { maxGroupId, messageId, messageIdAsUuid, parseMessageId, parseReceiptHandle, receiptHandle } from './ids.ts'

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const edges = [0, 1, 15, 16, 0xffffff, 0x1000000, 2 ** 31, 2 ** 32, 2 ** 47, 2 ** 48 - 1]

test('a message id is 24 lower-case hex digits that give back what it was made of', () => {
  for (const sentAt of edges) {
    for (const serial of edges) {
      const id = messageId(sentAt, serial)
      assert.match(id, /^[0-9a-f]{24}$/)
      assert.deepEqual(parseMessageId(id), { sentAt, serial })
      assert.deepEqual(parseMessageId(id.toUpperCase()), { sentAt, serial })
    }
  }
  assert.equal(messageId(0x0123456789ab, 0xcdef), '0123456789ab00000000cdef')
})

test('ids sort by time, then by number', () => {
  const random = seededRandom(1)
  const parts = Array.from({ length: 200 }, () => ({ sentAt: random.below(50), serial: random.below(2 ** 32) }))
  const sorted = [...parts].sort((a, b) => a.sentAt - b.sentAt || a.serial - b.serial)
  const ids = parts.map(({ sentAt, serial }) => messageId(sentAt, serial)).sort()
  assert.deepEqual(ids.map(parseMessageId), sorted)
})

test('the UUID form of an id is a version 4 UUID and reversible, in any case of letters', () => {
  for (const sentAt of edges) {
    const id = messageId(sentAt, 2 ** 48 - 1 - sentAt)
    const uuid = messageIdAsUuid(id)
    assert.match(uuid, uuidV4)
    assert.deepEqual(parseMessageId(uuid), parseMessageId(id))
    assert.deepEqual(parseMessageId(uuid.toUpperCase()), parseMessageId(id))
  }
})

test('what cannot be a message id is none', () => {
  const uuid = messageIdAsUuid(messageId(1, 1))
  const id = messageId(1, 1)
  const wrong = [
    '',
    'x',
    id.slice(1),
    `${id}0`,
    ` ${id.slice(1)}`,
    `${id.slice(1)}g`,
    `+${id.slice(1)}`,
    `0x${id.slice(2)}`,
  ]
  wrong.push('é'.repeat(24), `${id.slice(0, 11)}.${id.slice(12)}`, uuid.replaceAll('-', ''), uuid.replace('-4', '-5'))
  wrong.push(
    uuid.replace('-8', '-9'),
    `${uuid.slice(0, -1)}1`,
    `${uuid.slice(1)}0`,
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  )
  for (const text of wrong) assert.equal(parseMessageId(text), undefined, text)
})

test('a receipt handle is a version 4 UUID that gives back the lease it names', () => {
  const random = seededRandom(7)
  const groups = [1, 0xffff, 0x10000, 0xfffffff, 0x10000000, maxGroupId]
  for (const position of edges) {
    for (const groupId of groups) {
      for (const nonce of [1, 2 ** 32 - 1, 2 ** 32, 2 ** 44 - 1, random.nonce()]) {
        const handle = receiptHandle({ groupId, position, nonce })
        assert.match(handle, uuidV4)
        assert.deepEqual(parseReceiptHandle(handle), { groupId, position, nonce })
        assert.deepEqual(parseReceiptHandle(handle.toUpperCase()), { groupId, position, nonce })
      }
    }
  }
})

test('what cannot be a receipt handle is none', () => {
  const handle = receiptHandle({ groupId: 5, position: 6, nonce: 7 })
  const wrong = ['', 'x', handle.slice(1), `${handle}0`, handle.replaceAll('-', ''), handle.replace('-4', '-1')]
  wrong.push(
    handle.replace(/-8/, '-c'),
    handle.replace(/-8/, '-7'),
    handle.replace(/7$/, 'g'),
    handle.replace('-', '0'),
  )
  wrong.push(messageId(1, 1), handle.replace(/^0/, ' '), `{${handle.slice(1, -1)}}`)
  for (const text of wrong) assert.equal(parseReceiptHandle(text), undefined, text)
})
