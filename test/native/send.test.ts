import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type * as S from '../../src/protocols/native/schemas/index.ts'
import { type CallOptions, content, startServer } from './harness.ts'

const { call } = await startServer({ limits: { maxBodyBytes: 100_000 } })
let queues = 0

/** Sends to a queue of its own, and receives what was sent; the answer's text shows what was kept. */
const roundTrip = async (options: CallOptions, query = '') => {
  const queue = `round-trip-${queues++}`
  const sent = await call('POST', `/queues/${queue}/messages${query}`, options)
  content<S.SentMessage>(sent, 201)
  const { text } = await call('POST', `/queues/${queue}/receive`)
  const [message] = (JSON.parse(text) as S.ReceivedMessages).messages
  assert.ok(message)
  const { bytes } = await call('GET', `/queues/${queue}/messages/${message.id}/body`)
  return { message, text, bytes }
}

const refusal = async (options: CallOptions, query = '', status = 400) =>
  content(await call('POST', `/queues/refused/messages${query}`, options), status)

suite('sending one message', () => {
  test('keeps any bytes', async () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const { message, bytes } = await roundTrip({ bytes: all, type: 'image/png' })
    assert.deepEqual([...bytes], [...all])
    assert.equal(message.base64, Buffer.from(all).toString('base64'))
    assert.equal(message.contentType, 'image/png')
  })

  test('keeps an empty body', async () => {
    const { message, bytes } = await roundTrip({ bytes: '', type: 'text/plain' })
    assert.equal(message.text, '')
    assert.equal(bytes.length, 0)
  })

  test('keeps the text of JSON', async () => {
    const json = '{ "z": 12345678901234567890,\n "a": 1.0, "a": "\\u00e4ä€𝄞", "__proto__": {} }'
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/vnd.x+json', 'TEXT/JSON']) {
      const { text, bytes, message } = await roundTrip({ bytes: json, type })
      assert.ok(text.includes(`"body":${json}`), text)
      assert.equal(bytes.toString(), json)
      assert.equal(message.contentType, type)
    }
  })

  test('gives text as text when it is UTF-8, and else as base64', async () => {
    for (const type of [
      'text/plain',
      'text/csv; charset=utf-8',
      'application/xml',
      'application/x-www-form-urlencoded',
    ]) {
      assert.equal((await roundTrip({ bytes: 'grüße "€" \u0000', type })).message.text, 'grüße "€" \u0000')
    }
    assert.equal((await roundTrip({ bytes: 'no type' })).message.text, 'no type')
    assert.equal((await roundTrip({ bytes: Buffer.from([0xff]), type: 'text/plain' })).message.base64, '/w==')
    assert.equal((await roundTrip({ bytes: 'x', type: 'application/pdf' })).message.base64, 'eA==')
  })

  test('takes every option from the query', async () => {
    const query = '?priority=-5&retentionMs=60000&messageGroup=g%2F1&deduplicationId=d+1&deduplicationWindowMs=1000'
    const { message } = await roundTrip(
      { bytes: 'x' },
      `${query}&receiveLimit=3&deadLetterQueue=dead&clientId=me&ifMissing=create`,
    )
    const { priority, messageGroup, deduplicationId, receiveLimit, deadLetterQueue, clientId } = message
    assert.deepEqual(
      { priority, messageGroup, deduplicationId, receiveLimit, deadLetterQueue, clientId },
      {
        priority: -5,
        messageGroup: 'g/1',
        deduplicationId: 'd 1',
        receiveLimit: 3,
        deadLetterQueue: 'dead',
        clientId: 'me',
      },
    )
    assert.equal(message.expiresAt, message.sentAt + 60_000)
  })

  test('delays', async () => {
    await call('POST', '/queues/delayed/messages?delayMs=1000', { bytes: 'x' })
    assert.equal((await call('POST', '/queues/delayed/receive')).text, '{"messages":[]}')
  })

  test('keeps attributes to the letter, and a trace context', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const attributes = '{"n":1.0, "s":"grün"}'
    const headers = { 'x-millrace-attributes': Buffer.from(attributes).toString('latin1'), traceparent }
    const { message, text } = await roundTrip({ bytes: 'x', headers })
    assert.ok(text.includes(`"attributes":${attributes}`))
    assert.equal(message.traceparent, traceparent)
    const { message: without } = await roundTrip({ bytes: 'x', headers: { traceparent: 'nonsense' } })
    assert.equal('traceparent' in without, false)
  })

  test('stores a repeated request once', async () => {
    const headers = { 'idempotency-key': 'k1' }
    const send = (bytes: string) => call('POST', '/queues/once/messages', { bytes, headers })
    const first = content<S.SentMessage>(await send('x'), 201)
    assert.equal(content<S.SentMessage>(await send('x'), 201).id, first.id)
    assert.equal(content(await send('y'), 422).code, 'IdempotencyKeyReused')
    assert.equal(content<S.Queue>(await call('GET', '/queues/once'), 200).messages, 1)
  })

  test('answers a duplicate with the first message', async () => {
    const send = () => call('POST', '/queues/dup/messages?deduplicationId=a', { bytes: 'x' })
    const first = content<S.SentMessage>(await send(), 201)
    assert.deepEqual(content<S.SentMessage>(await send(), 201), { ...first, duplicate: true })
  })

  test('refuses what cannot be', async () => {
    const json = await refusal({ bytes: '{"a":\n 01}', type: 'application/json' })
    assert.equal(json.code, 'MalformedJson')
    assert.match(json.detail, /line 2, column 3/)
    assert.equal((await refusal({ bytes: '', type: 'application/json' })).code, 'MalformedJson')
    assert.match((await refusal({ bytes: Buffer.from([0x22, 0xff, 0x22]), type: 'application/json' })).detail, /UTF-8/)
    assert.match((await refusal({ bytes: 'x' }, '?priority=1.5')).detail, /priority must be a whole number/)
    assert.match((await refusal({ bytes: 'x' }, '?Priority=1')).detail, /did you mean priority/)
    assert.match((await refusal({ bytes: 'x' }, '?priority=1&priority=2')).detail, /given twice/)
    assert.match((await refusal({ bytes: 'x' }, '?messageGroup=%e4')).detail, /percent sign/)
    assert.match((await refusal({ bytes: 'x' }, '?messageGroup=')).detail, /must not be empty/)
    assert.match((await refusal({ bytes: 'x' }, '?deadLetterQueue=refused')).detail, /another queue/)
    const attributes = { 'x-millrace-attributes': '[1]' }
    assert.match(
      (await refusal({ bytes: 'x', headers: attributes })).detail,
      /X-Millrace-Attributes must be a JSON object/,
    )
    assert.match((await refusal({ bytes: 'x', headers: { 'x-millrace-attributes': '{\xff}' } })).detail, /UTF-8/)
    assert.match((await refusal({ bytes: 'x', headers: { 'idempotency-key': 'x'.repeat(256) } })).detail, /1 to 255/)
    assert.equal((await refusal({ bytes: 'x' }, '?ifMissing=refuse', 404)).code, 'QueueNotFound')
    assert.equal((await refusal({ bytes: 'x'.repeat(100_001) }, '', 413)).code, 'PayloadTooLarge')
    await call('PUT', '/queues/small', { json: { maxMessageBytes: 3, maxMessages: 1 } })
    assert.equal(content(await call('POST', '/queues/small/messages', { bytes: 'four' }), 413).code, 'MessageTooLarge')
    await call('POST', '/queues/small/messages', { bytes: 'x' })
    const full = await call('POST', '/queues/small/messages', { bytes: 'x' })
    assert.equal(content(full, 429).code, 'QueueFull')
    assert.equal(full.headers['retry-after'], '1')
  })
})

const batch = async (text: string, options: CallOptions = {}, query = '') => {
  const queue = `batch-${queues++}`
  const answer = await call('POST', `/queues/${queue}/messages/batch${query}`, { bytes: text, ...options })
  return { queue, answer }
}

const received = async (queue: string) => {
  const { text } = await call('POST', `/queues/${queue}/receive`, { json: { maxMessages: 100 } })
  return { text, messages: (JSON.parse(text) as S.ReceivedMessages).messages }
}

const faults = async (text: string, options: CallOptions = {}): Promise<[string, string][]> => {
  const problem = content((await batch(text, options)).answer, 400)
  assert.equal(problem.code, 'InvalidRequest', problem.detail)
  return (problem.data.errors as S.InvalidPlace[]).map(({ path, message }) => [path, message])
}

suite('sending a batch', () => {
  test('keeps the text of bodies and attributes', async () => {
    const bodies = ['12345678901234567890', '1.0', '{"b":1, "a":2}', '"\\u0061"', 'null', '[[]]', '"ä€𝄞"']
    const { queue, answer } = await batch(`{"messages":[${bodies.map((body) => `{"body":${body}}`).join(',')}]}`)
    assert.equal(content<S.SentMessages>(answer, 201).messages.length, bodies.length)
    const { text } = await received(queue)
    for (const body of bodies) assert.ok(text.includes(`"body":${body}}`), body)
    const { queue: other } = await batch('{"messages":[{"attributes":{"n" :1.0},"text":"x"}]}')
    assert.ok((await received(other)).text.includes('"attributes":{"n" :1.0}'))
  })

  test('takes text, bytes, content types and options', async () => {
    const { queue } = await batch(
      JSON.stringify({
        messages: [
          { text: 'grün', contentType: 'text/markdown', priority: 2, clientId: 'me' },
          { base64: 'AP8=', contentType: 'image/png', messageGroup: 'g' },
          { text: '{"n":1.0}', contentType: 'application/json' },
          { body: [1], contentType: 'application/vnd.x+json' },
          { text: 'plain' },
          { base64: '' },
        ],
      }),
    )
    const { messages } = await received(queue)
    const shown = messages.map(({ contentType, text, base64, body }) => [contentType, text ?? base64 ?? body])
    assert.deepEqual(shown, [
      ['text/markdown', 'grün'],
      ['image/png', 'AP8='],
      ['application/json', { n: 1 }],
      ['application/vnd.x+json', [1]],
      ['text/plain; charset=utf-8', 'plain'],
      ['application/octet-stream', ''],
    ])
    assert.deepEqual([messages[0]?.clientId, messages[1]?.messageGroup], ['me', 'g'])
  })

  test('gives a trace context to messages that have none', async () => {
    const [one, two] = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`)
    const { queue } = await batch(JSON.stringify({ messages: [{ body: 1 }, { body: 2, traceparent: two }] }), {
      headers: { traceparent: one },
    })
    assert.deepEqual(
      (await received(queue)).messages.map(({ traceparent }) => traceparent),
      [one, two],
    )
  })

  test('can be repeated', async () => {
    const send = () =>
      call('POST', '/queues/again/messages/batch', {
        json: { messages: [{ body: 1 }, { body: 2 }] },
        headers: { 'idempotency-key': 'b' },
      })
    const first = content<S.SentMessages>(await send(), 201).messages.map(({ id }) => id)
    assert.deepEqual(
      content<S.SentMessages>(await send(), 201).messages.map(({ id }) => id),
      first,
    )
  })

  test('names every place that does not fit', async () => {
    assert.deepEqual(await faults('[]'), [['', 'must be an object']])
    assert.deepEqual(await faults('{}'), [['/messages', 'is missing']])
    assert.deepEqual(await faults('{"messages":{}}'), [['/messages', 'must be an array']])
    assert.deepEqual(await faults('{"messages":[]}'), [['/messages', 'must have at least 1 entry']])
    assert.deepEqual(await faults('{"messages":[{"body":1}],"x":1}'), [['/x', 'is not known']])
    const many = `{"messages":[${Array(1001).fill('{"body":1}').join(',')}]}`
    assert.deepEqual(await faults(many), [['/messages', 'must have at most 1000 entries, not 1001']])
    assert.deepEqual(await faults('{"messages":[1,{"body":1},{}]}'), [
      ['/messages/0', 'must be an object'],
      ['/messages/2', 'must have exactly one of body, text and base64, not none of them'],
    ])
    assert.deepEqual(await faults('{"messages":[{"body":1,"text":"x"}]}'), [
      ['/messages/0', 'must have exactly one of body, text and base64, not 2 of them'],
    ])
    assert.deepEqual(
      await faults('{"messages":[{"body":1,"Priority":1,"delayMs":"5","attributes":[],"__proto__":1}]}'),
      [
        ['/messages/0/attributes', 'must be an object'],
        ['/messages/0/Priority', 'is not known; did you mean priority'],
        ['/messages/0/delayMs', 'must be a whole number from 0 to 315532800000'],
        ['/messages/0/__proto__', 'is not known'],
      ],
    )
    for (const wrong of ['A', 'AA', 'AA=A', '====', 'A-__', 'AAA=\n']) {
      assert.deepEqual(await faults(JSON.stringify({ messages: [{ base64: wrong }] })), [
        ['/messages/0/base64', 'must be base64, with padding'],
      ])
    }
    assert.deepEqual(await faults('{"messages":[{"text":5}]}'), [['/messages/0/text', 'must be a string']])
    assert.deepEqual(await faults('{"messages":[{"base64":5}]}'), [['/messages/0/base64', 'must be a string']])
    assert.deepEqual(await faults('{"messages":[{"text":"{","contentType":"application/json"}]}'), [
      ['/messages/0/text', 'must be JSON, as its contentType says'],
    ])
    assert.deepEqual(await faults('{"messages":[{"body":1,"contentType":"text/plain"}]}'), [
      ['/messages/0/contentType', 'must be a JSON type with body; with text it can be any'],
    ])
    assert.deepEqual(await faults('{"messages":[{"text":"\\ud800"}]}'), [
      ['/messages/0/text', 'holds half of a surrogate pair, which is not text'],
    ])
    assert.deepEqual(await faults('{"messages":[{"body":1,"contentType":"application/json\\r\\nx: y"}]}'), [
      ['/messages/0/contentType', 'is not of the right form'],
    ])
    assert.deepEqual(await faults('{"messages":[{"body":1,"traceparent":"x"}]}'), [
      ['/messages/0/traceparent', 'is not of the right form'],
    ])
  })

  test('stores nothing when any message is refused', async () => {
    const { queue, answer } = await batch('{"messages":[{"body":1},{"body":2,"priority":"x"}]}')
    assert.equal(answer.status, 400)
    assert.equal((await call('GET', `/queues/${queue}`)).status, 404)
  })

  test('refuses what is not JSON', async () => {
    const refused = async (text: string | Uint8Array, type?: string) =>
      content((await batch('', { bytes: text, ...(type && { type }) })).answer, type ? 415 : 400)
    assert.equal((await refused('')).detail, 'The body has to be JSON, but is empty.')
    assert.match((await refused('{"messages":[{"body":tru}]}')).detail, /goes wrong at line 1, column 25/)
    assert.match((await refused('{"messages":[{"body":1}]')).detail, /ends too early/)
    assert.match((await refused(Buffer.from('{"messages":[{"body":"\xff"}]}', 'latin1'))).detail, /UTF-8/)
    const deep = `{"messages":[{"body":${'['.repeat(2000)}${']'.repeat(2000)}}]}`
    assert.equal((await refused(deep)).code, 'MalformedJson')
    const form = await refused('{"messages":[{"body":1}]}', 'application/x-www-form-urlencoded')
    assert.match(form.detail, /Content-Type: application\/json/)
  })
})
