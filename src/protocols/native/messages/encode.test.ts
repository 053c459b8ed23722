import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Message } from '../../../core/message.ts'
import type { StoredMessage } from '../../../core/requests.ts'
import { encodeStored, messageList } from './encode.ts'

const stored = (message: Partial<Message>, about: Partial<StoredMessage> = {}): StoredMessage => ({
  id: '01b8a3d5c4000000000004d2',
  queue: 'q',
  group: 'default',
  position: 7,
  type: 'Q',
  state: 'ready',
  visibleAt: null,
  receiveCount: 0,
  firstReceivedAt: null,
  reprocessCount: 0,
  modifiedAt: 1,
  expiresAt: null,
  claim: null,
  holder: null,
  reason: null,
  outbound: null,
  failure: null,
  deadLetterSource: null,
  message: {
    serial: 1,
    sentAt: 1,
    queueId: 1,
    position: 7,
    expiresAt: null,
    priority: 0,
    body: Buffer.alloc(0),
    contentType: null,
    messageGroup: null,
    attributes: null,
    extra: null,
    ...message,
  },
  ...about,
})

const read = (text: string): Record<string, unknown> => {
  const bytes = Buffer.from(text, 'latin1')
  return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
}

suite('a message in an answer', () => {
  test('leaves out what has nothing to say', () => {
    assert.deepEqual(read(encodeStored(stored({}))), {
      id: '01b8a3d5c4000000000004d2',
      position: 7,
      type: 'Q',
      state: 'ready',
      modifiedAt: 1,
      sentAt: 1,
      priority: 0,
      receiveCount: 0,
      reprocessCount: 0,
      text: '',
    })
  })

  test('says all there is', () => {
    const extra = {
      deduplicationId: 'd"',
      clientId: 'ä',
      senderId: 's',
      delayMs: 1,
      receiveLimit: 2,
      deadLetterQueue: 'x',
    }
    const source = { queue: 'ü', reason: 'receive limit', at: 5 }
    const about = {
      visibleAt: 2,
      firstReceivedAt: 3,
      claim: 'c',
      holder: 'h\n',
      reason: '€',
      outbound: '{}',
      expiresAt: 4,
    }
    const message = stored(
      { extra: { ...extra, door: 1 }, messageGroup: '𝄞', attributes: '{"a":"ö"}' },
      { ...about, deadLetterSource: source },
    )
    const shown = read(encodeStored(message))
    for (const [name, value] of Object.entries({ ...extra, ...about })) assert.equal(shown[name], value)
    assert.deepEqual([shown.messageGroup, shown.attributes, shown.deadLetterSource], ['𝄞', { a: 'ö' }, source])
    assert.equal('door' in shown, false)
  })

  test('is not spoiled by a body that is not what another door said it is', () => {
    const json = (body: string | Uint8Array) =>
      read(encodeStored(stored({ body: Buffer.from(body), contentType: 'application/json' })))
    assert.equal(json('{"a":').text, '{"a":')
    assert.equal(json('').text, '')
    assert.equal(json('1}, {').text, '1}, {')
    assert.equal(json(Buffer.from([0x22, 0xff, 0x22])).base64, 'Iv8i')
    assert.equal(json('['.repeat(3000)).text, '['.repeat(3000))
    assert.deepEqual(json(' [1]\n').body, [1])
  })

  test('holds any body', () => {
    const type = fc.constantFrom(null, 'application/json', 'text/plain', 'image/png', 'application/xml')
    const body = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(type, body, (contentType, bytes) => {
        const shown = read(encodeStored(stored({ body: bytes, contentType })))
        const { text, base64 } = shown
        if (typeof text === 'string') assert.deepEqual(Buffer.from(text), Buffer.from(bytes))
        else if (typeof base64 === 'string') assert.deepEqual(Buffer.from(base64, 'base64'), Buffer.from(bytes))
        else assert.deepEqual(shown.body, JSON.parse(Buffer.from(bytes).toString()))
      }),
    )
  })

  test('stands in a list of any length', () => {
    const large = stored({ body: Buffer.alloc(700_000, 'x'), contentType: 'text/plain' })
    const list = messageList(Array(5).fill(large), encodeStored, ',"marker":"m"')
    assert.ok(Array.isArray(list) && list.length > 1)
    const { messages, marker } = read(list.join('')) as { messages: unknown[]; marker: string }
    assert.deepEqual([messages.length, marker], [5, 'm'])
    assert.equal(messageList([], encodeStored), '{"messages":[]}')
  })
})
