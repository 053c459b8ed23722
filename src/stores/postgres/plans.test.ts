// The plans stay what they are however full or empty the tables were a moment ago: the server itself counts who reads what.

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import pg from 'pg'
import { at, bytes, startNode } from '../../../test/postgres/node.ts'
import { freshUrl, withoutPostgres } from '../../../test/postgres/shared.ts'

const messages = Number(process.env.MILLION ?? 1_000_000)

/** So many lanes at once keep node and server both at work. */
const lanes = 3

describe('plans', withoutPostgres, () => {
  test(`a queue filled with ${messages}, drained and filled again is read by its index`, {
    timeout: 3_600_000,
  }, async (t) => {
    const url = await freshUrl()
    const { engine, store, stop } = await startNode(t, { url, listen: false })
    await engine.createQueue({ ...at, settings: { history: 'none' } })
    const batch = Array.from({ length: 1000 }, (_, i) => ({ body: bytes(`${i}`) }))
    let receives = 0
    const together = (work: (lane: number) => Promise<void>) =>
      Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)))
    const fill = async () => {
      let left = messages
      await together(async () => {
        for (; left > 0; left -= batch.length) await engine.send({ ...at, messages: batch })
      })
    }
    /** Some are leased and deleted, which leaves an old version of the row behind; others are deleted as they are handed out. */
    const drain = async () => {
      let left = messages
      await together(async (lane) => {
        while (left > 0) {
          receives++
          if (lane > 0) {
            const popped = await engine.pop({ ...at, maxMessages: 1000 })
            left -= popped.length
          } else {
            const received = await engine.receive({ ...at, maxMessages: 1000 })
            left -= received.length
            if (received.length > 0) await engine.settle({ ...at, entries: received.map(deletion) })
          }
        }
      })
    }
    await fill()
    await drain()
    await fill()
    for (let i = 0; i < 50; i++) {
      receives++
      // As a node does where somebody waits.
      assert.equal((await store.shared?.readyGroups([at]))?.length, 1)
      const [received] = await engine.receive(at)
      assert.ok(received)
      assert.ok((await engine.settle({ ...at, entries: [deletion(received)] })).every(({ ok }) => ok))
    }
    // Its connections tell what they counted when they end.
    await stop()

    const client = await connect(t, url)
    const { rows: tables } = await client.query<{ relname: string; seq_scan: string }>(
      `SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = $1 AND relname IN ('delivery', 'message')`,
      [schemaOf(url)],
    )
    // Making the indexes of an empty table reads it through.
    for (const { relname, seq_scan } of tables)
      assert.ok(Number(seq_scan) <= 8, `${relname} was read through ${seq_scan} times`)
    const { rows: indexes } = await client.query<{ scans: string; read: string }>(
      `SELECT idx_scan AS scans, idx_tup_read AS read FROM pg_stat_user_indexes WHERE schemaname = $1 AND indexrelname = 'delivery_ready'`,
      [schemaOf(url)],
    )
    const scans = Number(indexes[0]?.scans)
    // Those of several lanes may be in one transaction, which scans once for all.
    assert.ok(scans >= receives / lanes, `${scans} scans of the index for ${receives} receives`)
    // Entries of rows that are gone are in the way until they are cleared: those of a whole fill would be read by each receive.
    const read = Number(indexes[0]?.read)
    t.diagnostic(`${read} entries of the index read for ${messages} messages and ${receives} receives`)
    assert.ok(read < 20 * messages, `${read} entries of the index read for ${messages} messages`)
  })

  test('many at once are found by their keys in a queue of which statistics say nothing', async (t) => {
    const url = await freshUrl()
    const { engine, stop } = await startNode(t, { url, listen: false, vacuumAfterRows: 1_000_000 })
    const client = await connect(t, url)
    for (const table of ['delivery', 'message'])
      await client.query(`ALTER TABLE ${schemaOf(url)}.${table} SET (autovacuum_enabled = false)`)
    const batch = Array.from({ length: 1000 }, (_, i) => ({ body: bytes(`${i}`) }))
    for (let i = 0; i < 20; i++) await engine.send({ ...at, messages: batch })
    const received = await engine.receive({ ...at, maxMessages: 500 })
    const renewed = received.map(({ receiptHandle }) => ({
      receiptHandle: receiptHandle ?? '',
      action: { do: 'extend', visibilityTimeoutMs: 60_000 } as const,
    }))
    for (const entries of [renewed, received.map(deletion)])
      assert.ok((await engine.settle({ ...at, entries })).every(({ ok }) => ok))
    await stop()
    const { rows } = await client.query<{ relname: string; fetched: string }>(
      `SELECT relname, idx_tup_fetch AS fetched FROM pg_stat_user_tables WHERE schemaname = $1 AND relname IN ('delivery', 'message')`,
      [schemaOf(url)],
    )
    assert.equal(rows.length, 2)
    for (const { relname, fetched } of rows)
      assert.ok(Number(fetched) < 5000, `${fetched} rows of ${relname} were read`)
  })
})

const connect = async (t: TestContext, url: string): Promise<pg.Client> => {
  const client = new pg.Client(url.replace(/\?.*/, ''))
  await client.connect()
  t.after(() => client.end())
  return client
}

const schemaOf = (url: string): string => /schema=(\w+)/.exec(url)?.[1] ?? ''

const deletion = ({ receiptHandle }: { receiptHandle: string | null }) => ({
  receiptHandle: receiptHandle ?? '',
  action: { do: 'delete' } as const,
})
