import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store, Transaction } from '../core/store.ts'
import { type Fault, faultyStore } from './faulty-store.ts'
import { memoryStore } from './memory-store.ts'

const put = async (store: Store, key: string) => {
  let ran = false
  const unit = {
    run(transaction: Transaction) {
      ran = true
      transaction.putDocument({ collection: 'c', key, value: 1, expiresAt: null })
    },
  }
  const [outcome] = await Promise.allSettled([store.transact([unit])])
  return { ran, error: outcome.status === 'rejected' ? (outcome.reason as unknown) : undefined }
}

const keys = async (store: Store) => {
  let found: string[] = []
  const unit = {
    run(transaction: Transaction) {
      found = transaction.documents({ collection: 'c', limit: 99 }).map(({ key }) => key)
    },
  }
  await store.transact([unit])
  return found
}

const expectations: Readonly<Record<Fault, { ran: boolean; written: boolean; safeToRetry: boolean }>> = {
  'before-run': { ran: false, written: false, safeToRetry: true },
  'before-commit': { ran: true, written: false, safeToRetry: true },
  'after-commit': { ran: true, written: true, safeToRetry: false },
}

for (const [fault, { ran, written, safeToRetry }] of Object.entries(expectations)) {
  test(`a faulty store fails ${fault} where its plan says so, and only there`, async () => {
    const inner = memoryStore()
    const store = faultyStore(inner, (call) => (call === 2 ? (fault as Fault) : undefined))
    assert.equal((await put(store, 'first')).error, undefined)
    const second = await put(store, 'second')
    assert.equal(second.ran, ran)
    assert.deepEqual(
      { name: (second.error as Error).name, safeToRetry: (second.error as { safeToRetry?: unknown }).safeToRetry },
      { name: 'StoreFailure', safeToRetry },
    )
    assert.equal((await put(store, 'third')).error, undefined)
    assert.deepEqual(await keys(inner), written ? ['first', 'second', 'third'] : ['first', 'third'])
  })
}

test('a faulty store passes on what a unit throws', async () => {
  const store = faultyStore(memoryStore(), () => 'before-commit')
  const refusal = new Error('its own')
  const unit = {
    run() {
      throw refusal
    },
  }
  await assert.rejects(store.transact([unit]), refusal)
})
