import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daysIn, daysInUtc } from './days.ts'

const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000

test('a day begins at midnight where its people are', () => {
  const newYork = daysIn('America/New_York')
  assert.equal(newYork(Date.parse('2026-03-01T04:59:59.999Z')), day('2026-02-28'))
  assert.equal(newYork(Date.parse('2026-03-01T05:00:00.000Z')), day('2026-03-01'))
  // Between the two the clocks there were put forward.
  assert.equal(newYork(Date.parse('2026-03-09T03:59:59.999Z')), day('2026-03-08'))
  assert.equal(newYork(Date.parse('2026-03-09T04:00:00.000Z')), day('2026-03-09'))
})

test('zones a fraction of an hour apart have their midnights, too', () => {
  const kathmandu = daysIn('Asia/Kathmandu')
  assert.equal(kathmandu(Date.parse('2026-03-01T18:14:59.999Z')), day('2026-03-01'))
  assert.equal(kathmandu(Date.parse('2026-03-01T18:15:00.000Z')), day('2026-03-02'))
})

test('UTC needs no calendar, and a zone that is none is refused', () => {
  assert.equal(daysInUtc(Date.parse('2026-03-01T23:59:59.999Z')), day('2026-03-01'))
  assert.equal(daysIn('UTC')(Date.parse('1969-12-31T23:59:59.999Z')), -1)
  assert.throws(() => daysIn('Atlantis/Capital'), RangeError)
})
