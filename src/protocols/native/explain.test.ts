import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { explain, plainSchema } from './explain.ts'
import * as S from './schemas/index.ts'

// Values near to what fits: names and values of the right kind, here and there a wrong one.
const names = [
  'do',
  'as',
  'entries',
  'receiptHandle',
  'action',
  'delayMs',
  'ids',
  'leased',
  'ttlMs',
  'metadata',
  'tags',
]
const more = [
  'retentionMs',
  'ordering',
  'messages',
  'body',
  'text',
  'contentType',
  'priority',
  'scopes',
  'x',
  '__proto__',
]
const leaf = fc.constantFrom<unknown>(
  0,
  1,
  -1,
  1.5,
  2 ** 31,
  '',
  'x',
  'delete',
  'finish',
  'P',
  'grouped',
  'send',
  true,
  null,
)

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.array(fc.tuple(fc.constantFrom(...names, ...more), tie('value')), { maxLength: 4 }).map(Object.fromEntries),
  ),
}))

const schemas = {
  QueueSettingsPatch: S.QueueSettingsPatch,
  SettleRequest: S.SettleRequest,
  SettleAction: S.SettleAction,
  OutgoingMessage: S.OutgoingMessage,
  SendBatch: S.SendBatch,
  DeleteMessagesRequest: S.DeleteMessagesRequest,
  ClaimRequest: S.ClaimRequest,
  CreateKeyRequest: S.CreateKeyRequest,
  ReceiveRequest: S.ReceiveRequest,
}

/** An example with one place of it replaced, added or left out. */
const changed = (example: unknown) =>
  fc.tuple(fc.nat(), fc.constantFrom(...names, ...more), value).map(([place, name, replacement]) => {
    const copy = structuredClone(example)
    const places: Record<string, unknown>[] = []
    const find = (at: unknown) => {
      if (typeof at !== 'object' || at === null) return
      places.push(at as Record<string, unknown>)
      for (const member of Object.values(at)) find(member)
    }
    find(copy)
    const target = places[place % places.length]
    if (!target) return replacement
    const own = Object.keys(target)
    const key = own[place % (own.length + 1)] ?? name
    Object.defineProperty(target, key, { value: replacement, enumerable: true, configurable: true, writable: true })
    return copy
  })

for (const [name, schema] of Object.entries(schemas)) {
  test(`the explanation of ${name} finds fault where the compiled check does`, () => {
    const check = Compile(schema)
    const near = (plainSchema(schema).examples ?? [{ do: 'finish', as: 'P' }]).map(changed)
    fc.assert(
      fc.property(fc.oneof(value, ...near), (given) => {
        const faults = explain(plainSchema(schema), given)
        assert.equal(faults.length === 0, check.Check(given), JSON.stringify({ given, faults }))
      }),
      { numRuns: 2000 },
    )
  })
}

test('examples fit', () => {
  for (const schema of Object.values(schemas)) {
    for (const example of plainSchema(schema).examples ?? [])
      assert.deepEqual(explain(plainSchema(schema), example), [])
  }
})
