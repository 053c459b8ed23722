import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memberSpans } from './raw-json.ts'

const wanted = new Set(['body', 'attributes'])

const texts = (text: string): (string | undefined)[][] =>
  memberSpans(text, 'messages', wanted).map((spans) =>
    ['body', 'attributes'].map((name) => {
      const span = spans.get(name)
      return span && text.slice(span.start, span.end)
    }),
  )

test('members are found to the letter', () => {
  const text = `{ "first" : [ 1 , {"messages": []} ], "messages" : [ {"id":"x", "body" : { "a]}\\"" : [1.0 , -0 ] } , "attributes":{}},
    {"body":12345678901234567890},{"body":"\\\\"},{}, {"body":null ,"\\u0062ody2":1} ], "marker" : null }`
  assert.deepEqual(texts(text), [
    ['{ "a]}\\"" : [1.0 , -0 ] }', '{}'],
    ['12345678901234567890', undefined],
    ['"\\\\"', undefined],
    [undefined, undefined],
    ['null', undefined],
  ])
  assert.deepEqual(texts('{"messages":[]}'), [])
  assert.deepEqual(texts('{"messages":[{"\\u0062ody":1}]}'), [['1', undefined]])
})

test('members are found in any document', () => {
  const message = fc.record(
    {
      id: fc.string(),
      body: fc.jsonValue(),
      attributes: fc.dictionary(fc.string(), fc.jsonValue()),
      more: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const property = fc.property(
    fc.array(message),
    fc.integer({ min: 0, max: 4 }),
    fc.jsonValue(),
    (messages, indent, before) => {
      const found = texts(JSON.stringify({ before, messages, after: before }, null, indent))
      assert.deepEqual(
        found.map(([body, attributes]) => [parsed(body), parsed(attributes)]),
        messages.map(({ body, attributes }) => [parsed(JSON.stringify(body)), parsed(JSON.stringify(attributes))]),
      )
    },
  )
  fc.assert(property)
})

const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text))
