import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { FoundMessage } from '../../client/index.ts'
import { knownOf, looksOf, newerOf } from './newer.ts'

/** Newest first. */
const page = (positions: readonly number[], next: string | null = null) => ({
  messages: positions.map((position) => ({ id: `m${position}`, position }) as FoundMessage),
  next,
})

test('what matches by now and did not before is newer, sent since or not, unless it is shown', () => {
  const known = knownOf(page([9, 7]))
  assert.deepEqual(newerOf(known, [], page([9, 7])), { count: 0, isLeast: false })
  assert.deepEqual(newerOf(known, [], page([12, 11, 9, 8, 7])), { count: 3, isLeast: false })
  assert.deepEqual(newerOf(known, ['m12'], page([12, 11, 9, 8, 7])), { count: 2, isLeast: false })
})

test('what comes up from further back is not newer, and of more than a page it is not said how many', () => {
  const known = knownOf(page([9, 7], 'more'))
  assert.deepEqual(newerOf(known, [], page([9, 6], 'more')), { count: 0, isLeast: false })
  assert.deepEqual(newerOf(known, [], page([12, 9], 'more')), { count: 1, isLeast: false })
  assert.deepEqual(newerOf(known, [], page([12, 11], 'more')), { count: 2, isLeast: true })
  assert.deepEqual(newerOf(known, [], page([], 'more')), { count: 0, isLeast: false })
})

const begin = (t: TestContext, tookMs = 0) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  let begun = 0
  const looks = looksOf(
    async () => {
      begun++
      now += tookMs
      if (begun === 1) throw new Error('the server is away')
    },
    () => now,
  )
  const pass = async (ms: number) => {
    now += ms
    t.mock.timers.tick(ms)
    for (let turns = 0; turns < 5; turns++) await turn()
    return begun
  }
  return { looks, pass }
}

test('a look follows what has happened, once for all that did, and after a rest', async (t) => {
  const { looks, pass } = begin(t)
  assert.equal(await pass(10_000), 0)
  looks.stir()
  looks.stir()
  assert.equal(await pass(250), 1)
  assert.equal(await pass(10_000), 1)
  looks.stir()
  assert.equal(await pass(250), 2)
  looks.stir()
  assert.equal(await pass(900), 2)
  assert.equal(await pass(100), 3)
  looks.stir()
  looks.stop()
  assert.equal(await pass(10_000), 3)
})

test('where a look takes long, looking is a small part of the time', async (t) => {
  const { looks, pass } = begin(t, 500)
  looks.stir()
  assert.equal(await pass(250), 1)
  looks.stir()
  assert.equal(await pass(9900), 1)
  assert.equal(await pass(100), 2)
})
