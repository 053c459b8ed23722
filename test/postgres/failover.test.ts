// The primary is killed and its synchronous standby takes over, under load.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { copyAsStandby, startPostgres, withoutPostgres } from '../../scripts/postgres-server.ts'
import { isRefusal } from '../../src/core/errors.ts'
import { at, bytes, startNode, textOf, until } from './node.ts'

test('failover: no acknowledged send is lost, no acknowledged delete comes back', {
  timeout: 60_000,
  ...withoutPostgres,
}, async (t) => {
  const settings = { wal_level: 'replica', max_wal_senders: '5', hot_standby: 'on' }
  const primary = await startPostgres({ settings })
  t.after(() => primary.stop())
  const directory = await copyAsStandby(primary, 'standby1')
  const standby = await startPostgres({ directory, settings })
  t.after(async () => {
    await standby.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  await primary.query(`ALTER SYSTEM SET synchronous_standby_names = 'standby1'`)
  await primary.query('SELECT pg_reload_conf()')
  const inSync = `SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'`
  await until(async () => (await primary.query(inSync)).length === 1)

  const url = `postgres://millrace@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/postgres?target_session_attrs=read-write`
  const nodes = [await startNode(t, { url, retryMs: 3000 }), await startNode(t, { url, retryMs: 3000 })]
  await nodes[0]?.engine.createQueue({ ...at, settings: {} })

  const sent = new Set<string>()
  const attempted = new Set<string>()
  const deleted = new Set<string>()
  const held = new Set<string>()
  let refused = 0
  let isOver = false
  const tolerant = async (work: () => Promise<void>) => {
    while (!isOver) {
      try {
        await work()
      } catch (error) {
        // What a door answers with 503 and Retry-After.
        assert.ok(isRefusal(error) && error.code === 'StoreUnavailable', String(error))
        refused++
        await delay(20)
      }
    }
  }
  const load = nodes.flatMap(({ engine }, node) => [
    ...[1, 2, 3].map((lane) => {
      let i = 0
      return tolerant(async () => {
        const body = `${node}/${lane}/${i++}`
        attempted.add(body)
        await engine.send({ ...at, messages: [{ body: bytes(body) }] })
        sent.add(body)
      })
    }),
    tolerant(async () => {
      const received = await engine.receive({ ...at, maxMessages: 3, visibilityTimeoutMs: 2000 })
      for (const message of received) {
        held.add(textOf(message))
        assert.ok(!deleted.has(textOf(message)), `${textOf(message)} was deleted, and came back`)
        const [result] = await engine.settle({
          ...at,
          entries: [{ receiptHandle: message.receiptHandle ?? '', action: { do: 'delete' } }],
        })
        if (result?.ok) deleted.add(textOf(message))
      }
    }),
  ])
  await until(() => sent.size > 100 && deleted.size > 20)
  await primary.kill()
  const before = sent.size
  await standby.query('SELECT pg_promote()')
  // Nobody is there to confirm any more.
  await until(() => sent.size > before + 100)
  isOver = true
  await Promise.all(load)
  t.diagnostic(`${sent.size} sends and ${deleted.size} deletes acknowledged, ${refused} requests refused meanwhile`)

  const found = new Set<string>()
  const missing = () => [...sent].filter((body) => !deleted.has(body) && !found.has(body))
  const [node] = nodes
  assert.ok(node)
  await until(async () => {
    for (const message of await node.engine.receive({ ...at, maxMessages: 1000, visibilityTimeoutMs: 60_000 })) {
      assert.ok(!deleted.has(textOf(message)), `${textOf(message)} was deleted, and came back`)
      assert.ok(attempted.has(textOf(message)))
      found.add(textOf(message))
    }
    // What was handed out while the answer to its deletion got lost may be gone, or come back.
    return missing().every((body) => held.has(body))
  })
})
