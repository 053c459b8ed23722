import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from './seeded-random.ts'

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: 10 }, () => random.nonce())
  }
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7), draw(8))
})

test('nonces are whole numbers over the whole of 44 bits', () => {
  const random = seededRandom(1)
  let most = 0
  for (let i = 0; i < 10_000; i++) {
    const nonce = random.nonce()
    assert.ok(Number.isInteger(nonce) && nonce >= 0 && nonce < 2 ** 44)
    most = Math.max(most, nonce)
  }
  assert.ok(most > 2 ** 44 * 0.99)
})
