import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from './open-store.ts'

test('where messages are is said without a password, wherever the URL has it', async () => {
  assert.equal(await placeOf({ store: 'sqlite', data: '/var/lib/millrace' }), 'Data: /var/lib/millrace')
  for (const store of [
    'postgres://ann:hunter2@db:5433/queues',
    'postgres://db:5433/queues?user=ann&password=hunter2',
  ]) {
    assert.equal(await placeOf({ store, data: '/unused' }), 'Store: postgres://ann@db:5433/queues?schema=millrace')
  }
})
