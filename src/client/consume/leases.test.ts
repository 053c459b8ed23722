import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, settle } from '../../../test/client/fakes.ts'
import { MillraceError } from '../error.ts'
import { Leases } from './leases.ts'

const message = (extend: () => Promise<unknown> = async () => {}) => {
  const calls: number[] = []
  const fake = {
    calls,
    settled: false,
    lost: undefined as string | undefined,
    async extend(ms: number) {
      calls.push(ms)
      await extend()
      return { id: '', type: 'Q' as const, reprocessCount: 0, visibleAt: null, changed: true }
    },
    lose(error: MillraceError) {
      fake.lost = error.code
    },
  }
  return fake
}

const setUp = () => {
  const runtime = fakeRuntime()
  const errors: unknown[] = []
  const leases = new Leases<ReturnType<typeof message>>(8000, runtime, (error) => errors.push(error))
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1000) {
      runtime.clock.advance(1000)
      await settle()
    }
  }
  return { leases, errors, advance, clock: runtime.clock }
}

test('a lease is renewed at half of its time, for as long as it is kept', async () => {
  const { leases, advance } = setUp()
  const held = message()
  leases.keep(held)
  await advance(3000)
  assert.deepEqual(held.calls, [])
  await advance(1000)
  assert.deepEqual(held.calls, [8000])
  await advance(40_000)
  assert.equal(held.calls.length, 11)
  leases.drop(held)
  await advance(40_000)
  assert.equal(held.calls.length, 11)
  assert.equal(held.lost, undefined)
})

test('one that is settled is not renewed any more', async () => {
  const { leases, advance, clock } = setUp()
  const held = message()
  leases.keep(held)
  held.settled = true
  await advance(20_000)
  assert.deepEqual(held.calls, [])
  assert.equal(clock.nextCallAt(), undefined)
})

test('a renewal that fails is tried again until the lease has ended', async () => {
  const { leases, errors, advance } = setUp()
  const held = message(() => Promise.reject(new MillraceError('Network', 'gone')))
  leases.keep(held)
  await advance(7000)
  assert.equal(held.calls.length, 4)
  assert.equal(held.lost, undefined)
  await advance(1000)
  assert.equal(held.lost, 'LeaseLost')
  assert.equal(errors.length, 4)
  await advance(10_000)
  assert.equal(held.calls.length, 4)
})

test('a lease that somebody else has is lost at once', async () => {
  const { leases, errors, advance } = setUp()
  const held = message(() => Promise.reject(new MillraceError('LeaseLost', 'too late')))
  leases.keep(held)
  await advance(4000)
  assert.equal(held.lost, 'LeaseLost')
  assert.equal(errors.length, 1)
})

test('that a message was settled while its lease was being renewed is no error', async () => {
  const { leases, errors, advance } = setUp()
  const { promise, reject } = Promise.withResolvers<void>()
  const held = message(() => promise)
  leases.keep(held)
  await advance(4000)
  held.settled = true
  reject(new MillraceError('LeaseLost', 'settled'))
  await settle()
  assert.deepEqual(errors, [])
  assert.equal(held.lost, undefined)
})
