import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliveryRecord, messageRecord } from '../../testing/store-suite/records.ts'
import { RecentItems } from './recent-items.ts'

test('what was handed out is remembered unless it is large, be it by its body or its attributes', () => {
  const recent = new RecentItems()
  const isRemembered = (bodyBytes: number, attributeBytes: number) => {
    const message = messageRecord({
      serial: 1,
      body: new Uint8Array(bodyBytes),
      attributes: 'x'.repeat(attributeBytes),
    })
    recent.remember('place', { delivery: deliveryRecord({ position: 1 }), message, stamp: 1 })
    return recent.get('place')?.message === message
  }
  assert.deepEqual(
    [isRemembered(10_000, 1000), isRemembered(100_000, 0), isRemembered(1, 100_000)],
    [true, false, false],
  )
  assert.equal(recent.get('place'), undefined, 'nothing of before it')
})
