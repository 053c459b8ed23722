import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { JsonSyntaxError, type SlicedBatch, sliceBatch, sliceList } from './slice-batch.ts'

const slice = (text: string): SlicedBatch | null => sliceBatch(Buffer.from(text))

/** What the slicer says, in terms of `JSON.parse`. */
const meaning = (batch: SlicedBatch | null): unknown =>
  batch && {
    unknown: [...new Set(batch.unknown)].sort(),
    messages: batch.messages?.map(
      (message) =>
        message && [
          message.body && JSON.parse(message.body.toString()),
          message.attributes === undefined ? undefined : JSON.parse(message.attributes),
          message.options && Object.entries(message.options).sort(byName),
        ],
    ),
  }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

const expected = (value: unknown): unknown => {
  if (!isObject(value)) return null
  const messages = Object.hasOwn(value, 'messages') ? value.messages : undefined
  return {
    unknown: Object.keys(value)
      .filter((name) => name !== 'messages')
      .sort(),
    messages: Array.isArray(messages)
      ? messages.map((message: unknown) => {
          if (!isObject(message)) return null
          const options = Object.entries(message).filter(([name]) => name !== 'body' && name !== 'attributes')
          const own = (name: string) => (Object.hasOwn(message, name) ? message[name] : undefined)
          return [own('body'), own('attributes'), options.length > 0 ? options.sort(byName) : undefined]
        })
      : undefined,
  }
}

const agrees = (text: string) => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    assert.throws(() => slice(text), JsonSyntaxError, text)
    return
  }
  assert.deepEqual(meaning(slice(text)), expected(value), text)
}

suite('slicing a batch', () => {
  test('keeps the text of bodies and attributes to the letter', () => {
    const bodies = [
      '12345678901234567890.10',
      '1.0',
      '{"b":1,  "a":2,"b":3}',
      '{"__proto__":[]}',
      '"\\u00e4\\/"',
      'null',
      '[ ]',
    ]
    for (const body of bodies) {
      const batch = slice(`{ "messages" : [ { "attributes" : {"x" :1e400} , "body" :\n${body} } ] }`)
      assert.equal(batch?.messages?.[0]?.body?.toString(), body)
      assert.equal(batch?.messages?.[0]?.attributes, '{"x" :1e400}')
      assert.equal(batch?.messages?.[0]?.options, undefined)
    }
  })

  test('takes every other member as a value, whatever its name', () => {
    const batch = slice('{"messages":[{"text":"a\\nb","priority":5,"__proto__":{"x":1},"constructor":2,"bodx":3}]}')
    const options = batch?.messages?.[0]?.options
    assert.deepEqual(Object.keys(options ?? {}), ['text', 'priority', '__proto__', 'constructor', 'bodx'])
    assert.equal(options?.text, 'a\nb')
    assert.equal(Object.getPrototypeOf(options), null)
  })

  test('reads names with escapes', () => {
    const batch = slice('{"mess\\u0061ges":[{"\\u0062ody":1,"ä":2}]}')
    assert.equal(batch?.messages?.[0]?.body?.toString(), '1')
    assert.deepEqual(Object.keys(batch?.messages?.[0]?.options ?? {}), ['ä'])
  })

  test('the last of several members counts', () => {
    const batch = slice('{"messages":7,"messages":[{"body":1,"body":[2],"text":"a","text":"b"}]}')
    assert.equal(batch?.messages?.length, 1)
    assert.equal(batch?.messages?.[0]?.body?.toString(), '[2]')
    assert.equal(batch?.messages?.[0]?.options?.text, 'b')
    assert.equal(slice('{"messages":[{"body":1}],"messages":7}')?.messages, null)
  })

  test('tells what has the wrong type', () => {
    assert.equal(slice('[]'), null)
    assert.equal(slice(' 1 '), null)
    assert.equal(slice('{}')?.messages, undefined)
    assert.equal(slice('{"messages":{}}')?.messages, null)
    assert.deepEqual(slice('{"messages":[1,[],"x",null]}')?.messages, [null, null, null, null])
    assert.deepEqual(slice('{"messages":[],"extra":{},"more":1}')?.unknown, ['extra', 'more'])
  })

  test('refuses what is not JSON, and says where', () => {
    const at = (text: string) => {
      try {
        slice(text)
      } catch (error) {
        return error instanceof JsonSyntaxError ? error.at : error
      }
      return undefined
    }
    assert.equal(at('{"messages":[{"body":01}]}'), 22)
    assert.equal(at('{"messages":[{"body":1},]}'), 24)
    assert.equal(at('{"messages":[{}]'), 16)
    assert.equal(at('{"messages":[{}]}}'), 17)
    assert.equal(at(''), 0)
    assert.equal(at('{'), 1)
    assert.equal(at('{"messages":[{"body":1,"body"'), 29)
  })

  test('agrees with JSON.parse on any batch', () => {
    const json = fc.json({ maxDepth: 4 })
    const name = fc.constantFrom('body', 'attributes', 'text', '\\u0062ody', '__proto__', 'bod', 'ä')
    const space = fc.constantFrom('', ' ', '\n\t')
    const message = fc.oneof(
      { weight: 5, arbitrary: fc.array(fc.tuple(name, json), { maxLength: 4 }).map(asObject) },
      { weight: 1, arbitrary: json },
    )
    const member = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(
          fc.constant('messages'),
          fc.array(message).map((all) => `[${all.join(',')}]`),
        ),
      },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom('messages', 'extra'), json) },
    )
    const batch = fc
      .tuple(space, fc.array(member, { maxLength: 3 }))
      .map(([pad, members]) => pad + asObject(members) + pad)
    fc.assert(fc.property(batch, agrees), { numRuns: 2000 })
    const piece = fc.constantFrom('', '"', '\\', ',', ':', '{', '}', '[', ']', '0', ' ', 'x')
    fc.assert(
      fc.property(batch, piece, fc.nat(), fc.nat(2), (text, change, place, gone) => {
        const at = place % (text.length + 1)
        agrees(text.slice(0, at) + change + text.slice(at + gone))
      }),
      { numRuns: 3000 },
    )
  })
})

const asObject = (members: (readonly [string, string])[]): string =>
  `{${members.map(([name, value]) => `"${name}": ${value}`).join(' ,')}}`

suite('slicing a list of messages', () => {
  const list = (text: string) =>
    sliceList(Buffer.from(text))?.map((message) => message && [message.body?.toString(), message.options])

  test('is slicing a batch without what is around it', () => {
    assert.deepEqual(list(' [ {"ttl": 60, "body": 1.0 } , 7, {} ] '), [
      ['1.0', Object.assign(Object.create(null), { ttl: 60 })],
      null,
      [undefined, undefined],
    ])
    assert.deepEqual(list('[]'), [])
  })

  test('tells what is no list from what is no JSON', () => {
    for (const text of ['{}', '"x"', '1', 'null']) assert.equal(list(text), undefined, text)
    for (const text of ['', '[', '[1', '[1,]', '[{]', '[] []', '{"a":}']) {
      assert.throws(() => list(text), JsonSyntaxError, text)
    }
  })
})
