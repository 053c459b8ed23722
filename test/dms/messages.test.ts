import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startStanding } from './harness.ts'

test('the example of the description comes through: two messages, strings and objects, with attributes', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const attributes = { attribute1: 'value1', attribute2: 'value2' }
  const messages = [
    { body: 'TEST11', attributes },
    { body: { foo: 'test02' }, attributes },
  ]
  const sent = await dms.ok(201, 'POST', `/queues/${queue}/messages`, { messages })
  const fine = '{"error":null,"error_code":null,"state":0}'
  assert.equal(sent.text, `{"messages":[${fine},${fine}]}`)
  const received = await group.consume()
  assert.deepEqual(
    received.map(({ message }) => message),
    messages,
  )
  const withCommas = `{"messages" : [{ "body" : "TEST11", "attributes" : {"a" : "1"}, }]}`
  assert.equal(await dms.refused(400, 'POST', `/queues/${queue}/messages`, withCommas), 10540012)
})

test('ids are there when they are asked for, and not otherwise', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const send = async (more: object) =>
    (await dms.ok(201, 'POST', `/queues/${queue}/messages`, { messages: [{ body: 1 }, { body: 1 }], ...more })).json
      .messages
  for (const more of [{}, { returnId: false }, { returnId: null }, { return_id: false }]) {
    assert.deepEqual(Object.keys((await send(more))[0]), ['error', 'error_code', 'state'], JSON.stringify(more))
  }
  const ids = [...(await send({ returnId: true })), ...(await send({ return_id: true }))].map(({ id }) => id)
  assert.equal(new Set(ids).size, 4, 'a repeated send stores again')
  assert.ok(ids.every((id) => typeof id === 'string' && id !== ''))
  assert.equal((await dms.ok(200, 'GET', `/queues/${queue}`)).json.produced_messages, 12)
})

const texts = [
  '12345678901234567890123',
  '1.0',
  '-0.0e+10',
  'null',
  'true',
  '""',
  '[]',
  '"Gr\\u00fc\\u00dfe \\ud83d\\udc22 \\ud800"',
  '"Grüße 🐢"',
  '{"__proto__": {"a": 1}, "constructor":2, "b" : [ 9007199254740993 ] }',
  '{"2":1,"1":2}',
  '{ "a" : 1 , "a" : 2 }',
]

test('bodies and attributes come back to the letter', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const attributes = '{"__proto__": "x", "big": 9007199254740993, "with space": {"y": [1.0]}}'
  for (const text of texts) {
    const body = `{ "messages" : [ { "attributes" : ${attributes} , "body" :  ${text}  } ] }`
    await dms.ok(201, 'POST', `/queues/${queue}/messages`, body)
    const answer = await dms.ok(200, 'GET', `${group.path}/messages`)
    const { handler } = answer.json[0]
    assert.equal(answer.text, `[{"message":{"body":${text},"attributes":${attributes}},"handler":"${handler}"}]`)
  }
})

test('the name of an attribute is there once: the later value counts', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const twice = '{"a": 1, "b": 12345678901234567890, "\\u0061": 3.0}'
  await dms.ok(201, 'POST', `/queues/${queue}/messages`, `{"messages":[{"body":1,"attributes":${twice}}]}`)
  const { text } = await dms.ok(200, 'GET', `${group.path}/messages`)
  assert.ok(text.includes('"attributes":{"a":3.0,"b":12345678901234567890}'), text)
})

test('what cannot be sent is refused as a whole, and nothing is stored', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const kafka = await dms.queue('k', { queue_mode: 'KAFKA_HA' })
  const one = (more: object) => ({ messages: [{ body: 'fine' }, { body: 1, ...more }] })
  const cases: [number, unknown][] = [
    [10540012, ''],
    [10540012, '{"messages":[{"body":1}]'],
    [10540012, `{"messages":[{"body":"${'\u0001'}"}]}`],
    [10540012, Buffer.from('{"messages":[{"body":"\xff"}]}', 'latin1')],
    [10540010, '[]'],
    [10540010, '7'],
    [10540010, {}],
    [10540010, { messages: {} }],
    [10540010, { messages: [] }],
    [10540010, { messages: Array.from({ length: 11 }, () => ({ body: 1 })) }],
    [10540001, { messages: ['x'] }],
    [10540001, { messages: [{ body: 1 }, {}] }],
    [10540001, { messages: [{ attributes: {} }] }],
    [10540001, one({ attributes: [] })],
    [10540001, one({ attributes: 'x' })],
    [10540001, { ...one({}), returnId: 'true' }],
    [10240004, one({ tags: ['a', 'b', 'c', 'd'] })],
    [10240004, one({ tags: ['a b'] })],
    [10240004, one({ tags: [''] })],
    [10240004, one({ tags: ['x'.repeat(65)] })],
    [10240004, one({ tags: [7] })],
    [10240004, one({ tags: {} })],
    [10540010, one({ delayTime: -1 })],
    [10540010, one({ delayTime: 604_800_001 })],
    [10540010, one({ delayTime: '5' })],
    [10540010, one({ delay_time: true })],
  ]
  for (const [code, body] of cases) {
    assert.equal(await dms.refused(400, 'POST', `/queues/${queue}/messages`, body), code, JSON.stringify(body))
  }
  const delayed = await dms.call('POST', `/queues/${kafka}/messages`, one({ delayTime: 5000 }))
  assert.equal(delayed.json.message, 'Invalid request format: kafka queue message could not have delayTime.')
  assert.equal(delayed.json.code, 10540010)
  for (const id of [queue, kafka]) {
    assert.equal((await dms.ok(200, 'GET', `/queues/${id}`)).json.produced_messages, 0)
  }
  await dms.ok(201, 'POST', `/queues/${kafka}/messages`, one({ delayTime: 0, attributes: { a: 1 } }))
  await dms.ok(201, 'POST', `/queues/${queue}/messages`, one({ delayTime: null, attributes: null, tags: null }))
})

test('messages of one request have 524,288 bytes together, counted as compact text', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const send = (text: string) => dms.call('POST', `/queues/${queue}/messages`, text)
  const most = 524_288
  // The quotes are of the text, and so are names, colons and braces of the attributes.
  const single = await send(`{"messages":[{"body":"${'x'.repeat(most - 2)}"}]}`)
  assert.equal(single.status, 201)
  assert.equal((await group.consume()).length, 1)
  const over = await send(`{"messages":[{"body":"${'x'.repeat(most - 2)}"},{"body":1}]}`)
  assert.equal(over.json.code, 10540011)
  assert.equal(over.json.message, `The message size is ${most + 1}, larger than the size limit ${most}.`)
  const attributes = '{"a":"b"}'
  const room = most - attributes.length - 2
  assert.equal((await send(`{"messages":[{"body":"${'x'.repeat(room)}","attributes":${attributes}}]}`)).status, 201)
  assert.equal(
    (await send(`{"messages":[{"body":"${'x'.repeat(room + 1)}","attributes":${attributes}}]}`)).json.code,
    10540011,
  )
  assert.equal((await send(`{"messages":[{"body":"${'ü'.repeat(most / 2 - 1)}"}]}`)).status, 201, 'bytes count')
  assert.equal((await send(`{"messages":[{"body":"${'ü'.repeat(most / 2)}"}]}`)).status, 400)
  const escaped = `{"messages":[{"body": [${' '.repeat(most)} "${'\\u00fc'.repeat(most / 2 - 2)}" ] }]}`
  assert.equal((await send(escaped)).status, 201, 'escapes count as what they stand for, and space not at all')
  assert.equal((await send(`{"messages":[{"body":"${'\\u00fc'.repeat(most / 2)}"}]}`)).status, 400)
  const emoji = '\\ud83d\\udc22'
  assert.equal((await send(`{"messages":[{"body":"${emoji.repeat(most / 4 - 1)}"}]}`)).status, 201)
  const { status, json } = await send(`{"messages":[{"body":"${'x'.repeat(5_000_000)}"}]}`)
  assert.deepEqual([status, json.code], [413, 10540011])
})

test('a queue that does not take one of the messages stores the others, and says why', async (t) => {
  const { server, dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const update = (settings: object) =>
    fetch(`${server.url}/api/v1/queues/q`, {
      method: 'PATCH',
      headers: { 'X-Millrace-Account': '0123456789abcdef0123456789abcdef', 'Content-Type': 'application/json' },
      body: JSON.stringify(settings),
    })
  await update({ maxMessageBytes: 10 })
  const messages = [{ body: 'a' }, { body: 'far too long for this' }, { body: 'c' }]
  const { json } = await dms.ok(201, 'POST', `/queues/${queue}/messages`, { messages, returnId: true })
  const [a, b, c] = json.messages
  assert.deepEqual([a.state, b.state, c.state], [0, 1, 0])
  assert.deepEqual(b, {
    error: 'The message has 23 bytes; this queue takes at most 10.',
    error_code: 10540011,
    state: 1,
  })
  assert.deepEqual(await group.bodies(), ['a', 'c'])
  await update({ maxMessages: 3 })
  const full = await dms.ok(201, 'POST', `/queues/${queue}/messages`, { messages: [{ body: 1 }, { body: 2 }] })
  assert.deepEqual(
    full.json.messages.map(({ state, error_code }: { state: number; error_code: number }) => [state, error_code]),
    [
      [0, null],
      [1, 10240407],
    ],
  )
})

test('messages are kept for as long as their mode promises, and then gone, consumed or not', async (t) => {
  const { dms, advance } = await startStanding(t)
  const hours = { normal: 72, fifo: 72, short: 1, long: 72 }
  const made: Record<string, string> = {
    normal: await dms.queue('normal'),
    fifo: await dms.queue('fifo', { queue_mode: 'FIFO' }),
    short: await dms.queue('short', { queue_mode: 'KAFKA_HT', retention_hours: 1 }),
    long: await dms.queue('long', { queue_mode: 'KAFKA_HA' }),
  }
  const count = async (name: string) => (await dms.ok(200, 'GET', `/queues/${made[name]}`)).json.produced_messages
  for (const id of Object.values(made)) await dms.send(id, 'x')
  await dms.send(made.normal ?? '', { body: 'delayed', delayTime: 604_800_000 })
  let now = 0
  for (const at of [1, 72]) {
    await advance((at - now) * 3600 - 1)
    for (const [name, until] of Object.entries(hours)) {
      if (until === at) assert.ok((await count(name)) > 0, `${name} one second before`)
    }
    await advance(1)
    now = at
    for (const [name, until] of Object.entries(hours)) if (until === at) assert.equal(await count(name), 0, name)
  }
  const late = await dms.group(made.normal ?? '', 'late')
  assert.equal((await late.numbers()).available, 0)
})

test('a delay is the least time before the message is delivered, in milliseconds', async (t) => {
  const { dms, advance } = await startStanding(t)
  const queue = await dms.queue('q')
  const fifo = await dms.queue('fifo', { queue_mode: 'FIFO' })
  const group = await dms.group(queue, 'g')
  const ordered = await dms.group(fifo, 'g')
  for (const id of [queue, fifo]) {
    await dms.send(id, { body: 'later', delayTime: 6000.9 }, { body: 'now', delayTime: 0 })
    assert.equal((await dms.ok(200, 'GET', `/queues/${id}`)).json.produced_messages, 2)
  }
  assert.deepEqual(await group.bodies(), ['now'])
  const waiting = ordered.bodies('time_wait=60')
  await advance(5.999)
  assert.equal((await group.numbers()).available, 0)
  await advance(0.001)
  assert.deepEqual(await waiting, ['later', 'now'], 'in a FIFO queue a delayed message holds back later ones')
  assert.deepEqual(await group.bodies(), ['later'])
})
