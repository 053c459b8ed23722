import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Loading } from './loading.ts'
import { readyItems } from './ready.ts'

test('statements that look for what is ready have one text for any queue and any number of messages', () => {
  const loading = { schema: 'millrace', snapshot: false } as Loading
  const texts = (...[queueId, groupId, limit]: [number, number, number]) =>
    readyItems(loading, queueId, groupId, limit).map(({ text }) => text)
  assert.deepEqual(texts(1024, 16, 1), texts(2048, 32, 320))
})
