import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allows, type Principal } from './identity.ts'

const withGrant = (queues: string): Principal => ({ account: 'a', keyId: 'k', grants: [{ scope: 'send', queues }] })

test('a grant holds for its scope and for the queues that its pattern names', () => {
  const cases: [pattern: string, queue: string, allowed: boolean][] = [
    ['*', 'anything', true],
    ['orders', 'orders', true],
    ['orders', 'orders2', false],
    ['orders*', 'orders', true],
    ['orders*', 'orders.eu', true],
    ['orders*', 'my-orders', false],
    ['*-dead', 'orders-dead', true],
    ['*-dead', 'orders-dead2', false],
    ['a*b*c', 'a--b--c', true],
    ['a*b*c', 'a--c--b', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['*mid*', 'amidst', true],
    ['(x)+*', '(x)+1', true],
    ['a.c', 'abc', false],
    ['**', '', true],
  ]
  for (const [pattern, queue, allowed] of cases) {
    assert.equal(allows(withGrant(pattern), 'send', queue), allowed, `${pattern} for ${queue}`)
    assert.equal(allows(withGrant(pattern), 'receive', queue), false)
  }
})

test('what concerns every queue needs a grant for every queue', () => {
  assert.equal(allows(withGrant('*'), 'send'), true)
  assert.equal(allows(withGrant('orders*'), 'send'), false)
})

test('a pattern full of stars is answered at once', () => {
  assert.equal(allows(withGrant(`${'a*'.repeat(500)}b`), 'send', 'a'.repeat(1024)), false)
})
