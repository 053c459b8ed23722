// Nodes whose machines' clocks are minutes off: all go by the database's.

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createClient, type Millrace } from '../../src/client/index.ts'
import { startServerProcess, temporaryDirectory, until } from './node.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

const minute = 60_000

describe('nodes with wrong clocks', withoutPostgres, () => {
  for (const [name, clockSkewMs] of [
    ['seven minutes fast', 7 * minute],
    ['seven minutes slow', -7 * minute],
  ] as const) {
    const start = async (t: TestContext) => {
      const url = await freshUrl()
      const data = temporaryDirectory(t)
      // The first to start makes the schema and the key that they share.
      const right = await startServerProcess(t, url, data)
      const wrong = await startServerProcess(t, url, data, { clockSkewMs })
      const clients = [wrong, right].map((server) => createClient({ url: server.url }))
      t.after(() => Promise.all(clients.map((client) => client.close())))
      return clients as [Millrace, Millrace]
    }

    test(`${name}: what it says of time is right, and delays, leases and expiry end for all at once`, {
      timeout: 120_000,
    }, async (t) => {
      const [wrong, right] = await start(t)
      await right.queues.create('q')

      // Less than what either is off by; of a slow machine, too.
      const isNow = (time: number | null, before: number, aheadMs: number) => {
        assert.ok(time !== null)
        const at = time - aheadMs
        assert.ok(at >= before - minute && at <= Date.now() + minute, `${new Date(at).toISOString()}`)
      }

      for (const [one, other] of [
        [wrong, right],
        [right, wrong],
      ] as const) {
        // Not before its time: neither node hands out what the other delayed or leased, or takes it for expired.
        const before = Date.now()
        await one.queue('q').send('delayed', { delayMs: 5 * minute })
        await one.queue('q').send('leased', { retentionMs: 6 * minute })
        const [leased] = await one.queue('q').receive({ visibilityTimeoutMs: 5 * minute })
        assert.equal(leased?.text(), 'leased')
        isNow(leased.sentAt, before, 0)
        isNow(leased.leasedUntil, before, 5 * minute)
        isNow(leased.expiresAt, before, 6 * minute)
        assert.deepEqual(await other.queue('q').receive(), [])
        const { counts } = await other.queues.get('q')
        assert.deepEqual([counts.ready, counts.delayed, counts.leased], [0, 1, 1])
        await leased.delete()
        await one.queue('q').purge()

        // And when it is time the other has it: after a delay, and after a lease that nobody ended.
        await one.queue('q').send('soon', { delayMs: 1000 })
        const [held] = await other.queue('q').receive({ waitMs: 30_000, visibilityTimeoutMs: 1000 })
        assert.equal(held?.text(), 'soon')
        const [again] = await one.queue('q').receive({ waitMs: 30_000 })
        assert.deepEqual([again?.text(), again?.receiveCount], ['soon', 2])
        await again?.delete()
        await one.queue('q').send('short', { retentionMs: 1000 })
        await until(async () => (await other.queues.get('q')).messages === 0)
      }
    })
  }
})
