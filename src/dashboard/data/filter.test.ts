import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterOf, isFiltered, noFilter, queryOf, timesOf } from './filter.ts'

const now = new Date(2026, 2, 10, 15, 30).getTime()
const local = (...parts: [number, number, number, number?]) => new Date(...parts).getTime()

test('a filter survives the address of the page', () => {
  const filter = { ...noFilter, type: 'D', when: 'between', from: '2026-03-01T08:00', id: 'a*b', body: '&=%' } as const
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(queryOf(filter))) if (value) search.set(name, value)
  assert.deepEqual(filterOf(new URLSearchParams(search.toString())), filter)
  assert.equal(isFiltered(filter), true)
  assert.equal(isFiltered(noFilter), false)
})

test('what makes no sense in an address is left out', () => {
  assert.deepEqual(filterOf(new URLSearchParams('type=X&when=constructor&page=3')), noFilter)
})

test('times are those of whoever looks', () => {
  const times = (when: Parameters<typeof timesOf>[0]['when'], from = '', to = '') => timesOf({ when, from, to }, now)
  assert.deepEqual(times('any'), {})
  assert.deepEqual(times('hour'), { sentFrom: now - 3_600_000 })
  assert.deepEqual(times('today'), { sentFrom: local(2026, 2, 10) })
  assert.deepEqual(times('yesterday'), { sentFrom: local(2026, 2, 9), sentBefore: local(2026, 2, 10) })
  assert.deepEqual(times('between', '2026-03-01T08:00', '2026-03-01T09:00'), {
    sentFrom: local(2026, 2, 1, 8),
    sentBefore: local(2026, 2, 1, 9) + 60_000,
  })
  assert.deepEqual(times('between', '', 'nonsense'), {})
})
