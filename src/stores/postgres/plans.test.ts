// The plans stay what they are however full or empty the tables were a moment ago: the server itself counts who reads what.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import pg from 'pg'
import { at, bytes, startNode } from '../../../test/postgres/node.ts'
import { freshUrl, withoutPostgres } from '../../../test/postgres/shared.ts'

/** A million takes minutes: `MILLION=1000000 node --test src/stores/postgres/plans.test.ts` */
const messages = Number(process.env.MILLION ?? 10_000)

describe('plans', withoutPostgres, () => {
  test(`a queue filled with ${messages}, drained and filled again is read by its index`, {
    timeout: 3_600_000,
  }, async (t) => {
    const url = await freshUrl()
    const schema = /schema=(\w+)/.exec(url)?.[1] ?? ''
    const node = await startNode(t, { url, listen: false, connections: 2 })
    await node.engine.createQueue({ ...at, settings: { history: 'none' } })
    const batch = Array.from({ length: 1000 }, (_, i) => ({ body: bytes(`${i}`) }))
    let receives = 0
    const fill = async () => {
      for (let left = messages; left > 0; left -= 1000) await node.engine.send({ ...at, messages: batch })
    }
    const drain = async () => {
      for (let left = messages; left > 0; ) {
        const received = await node.engine.receive({ ...at, maxMessages: 1000 })
        receives++
        left -= received.length
        const entries = received.map(({ receiptHandle }) => ({
          receiptHandle: receiptHandle ?? '',
          action: { do: 'delete' } as const,
        }))
        if (entries.length > 0) await node.engine.settle({ ...at, entries })
      }
    }
    await fill()
    await drain()
    await fill()
    for (let i = 0; i < 50; i++) {
      receives++
      assert.equal((await node.engine.receive({ ...at, visibilityTimeoutMs: 0 })).length, 1)
    }
    await drain()
    // Its connections tell what they counted when they end.
    await node.stop()

    const client = new pg.Client(url.replace(/\?.*/, ''))
    await client.connect()
    t.after(() => client.end())
    const { rows: tables } = await client.query<{ relname: string; seq_scan: string }>(
      `SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = $1 AND relname IN ('delivery', 'message', 'group_count')`,
      [schema],
    )
    // Making the indexes of an empty table reads it through.
    for (const { relname, seq_scan } of tables)
      assert.ok(Number(seq_scan) <= 8, `${relname} was read through ${seq_scan} times`)
    const { rows: indexes } = await client.query<{ scans: string; read: string }>(
      `SELECT idx_scan AS scans, idx_tup_read AS read FROM pg_stat_user_indexes WHERE schemaname = $1 AND indexrelname = 'delivery_ready'`,
      [schema],
    )
    assert.ok(Number(indexes[0]?.scans) >= receives, `${indexes[0]?.scans} scans of the index for ${receives} receives`)
  })
})
