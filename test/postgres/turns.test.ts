// Transactions of one node that go ahead in the same queue: the later one has its new rows written while it waits for its turn.

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import pg from 'pg'
import { isRefusal } from '../../src/core/errors.ts'
import { at, bytes, startNode, textOf, until } from './node.ts'
import { type Ends, startProxy } from './proxy.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

/** A node that alone has sent to two queues, of which `dead` takes the dead letters of the other. */
const start = async (t: TestContext) => {
  const url = new URL(await freshUrl())
  const name = `turns ${url.searchParams.get('schema')}`
  url.searchParams.set('application_name', name)
  let first: { readonly server: Ends['server']; readonly pieces: Buffer[] } | 'awaited' | undefined
  let second: Ends | undefined
  let losesCommit = false
  const loseSecond = () => {
    second?.node.destroy()
    second?.server.destroy()
  }
  const proxy = await startProxy(t, url.href, {
    toServer(piece, ends) {
      if (losesCommit && ends === second && piece.includes('COMMIT\0')) {
        loseSecond()
        return Buffer.alloc(0)
      }
      const writes = piece.includes('COPY ')
      if (first === 'awaited' && writes) first = { server: ends.server, pieces: [] }
      else if (typeof first === 'object' && first.server !== ends.server && writes) second = ends
      if (typeof first !== 'object' || first.server !== ends.server) return piece
      first.pieces.push(piece)
      return Buffer.alloc(0)
    },
  })
  const { engine } = await startNode(t, { url: proxy.url, listen: false })
  await engine.createQueue({ account: 'a', queue: 'dead', settings: {} })
  await engine.createQueue({ ...at, settings: { deadLetterQueue: 'dead' } })
  const send = (queue: string, text: string) => engine.send({ account: 'a', queue, messages: [{ body: bytes(text) }] })
  for (let i = 0; i < 6; i++) for (const queue of ['q', 'dead']) await send(queue, `${i}`)

  const client = new pg.Client(url.href.replace(/\?.*/, ''))
  await client.connect()
  t.after(() => client.end())
  const isSecondWaiting = async () => {
    const { rows } = await client.query(
      `SELECT FROM pg_stat_activity WHERE application_name = $1 AND xact_start IS NOT NULL AND wait_event = 'ClientRead'`,
      [name],
    )
    return rows.length === 1
  }
  return {
    engine,
    send,
    client,
    schema: url.searchParams.get('schema'),
    /** Two that write new rows, of which the first reaches the server only once the second waits there for its turn; gives what lets it go on. */
    async inTurn<Done>(one: () => Promise<Done>, two: () => Promise<Done>) {
      first = 'awaited'
      const both = [one()]
      await until(() => typeof first === 'object')
      both.push(two())
      await until(async () => second !== undefined && (await isSecondWaiting()))
      const held = first as unknown as { server: Ends['server']; pieces: Buffer[] }
      return {
        both: Promise.allSettled(both),
        loseSecond,
        loseCommitOfSecond() {
          losesCommit = true
        },
        goOn() {
          first = undefined
          held.server.write(Buffer.concat(held.pieces))
        },
      }
    },
  }
}

describe('transactions that wait for their turn', { ...withoutPostgres, timeout: 60_000 }, () => {
  test('one whose connection is lost meanwhile is done again, since its COMMIT was not sent', async (t) => {
    const { engine, send, inTurn } = await start(t)
    const { both, loseSecond, goOn } = await inTurn(
      () => send('q', 'first'),
      () => send('q', 'second'),
    )
    loseSecond()
    goOn()
    assert.deepEqual(
      (await both).map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    )
    const texts = (await engine.receive({ ...at, maxMessages: 100 })).map(textOf)
    assert.deepEqual(texts.slice(-2), ['first', 'second'])
    assert.equal(texts.length, 8)
  })

  test('one whose connection is lost once its COMMIT is on its way says that nobody knows', async (t) => {
    const { engine, send, inTurn } = await start(t)
    const { both, loseCommitOfSecond, goOn } = await inTurn(
      () => send('q', 'first'),
      () => send('q', 'second'),
    )
    loseCommitOfSecond()
    goOn()
    const [first, second] = await both
    assert.equal(first?.status, 'fulfilled')
    assert.ok(second?.status === 'rejected' && isRefusal(second.reason, 'StoreUnavailable'))
    assert.equal(second.reason.data.retryable, false)
    assert.equal((await engine.getQueue(at)).messages, 7)
  })

  test('a table that somebody locks meanwhile does not have all wait for each other', async (t) => {
    const { engine, send, client, schema, inTurn } = await start(t)
    const { both, goOn } = await inTurn(
      () => send('q', 'first'),
      () => send('q', 'second'),
    )
    // That waits for the second, which waits for the first, which is to wait for this.
    const other = new pg.Client({ port: client.port, host: client.host, user: 'millrace', database: client.database })
    await other.connect()
    t.after(() => other.end())
    const change = other.query(`ALTER TABLE ${schema}.message ADD COLUMN note text`)
    await until(async () => {
      const { rows } = await client.query(
        `SELECT FROM pg_locks WHERE relation = '${schema}.message'::regclass AND NOT granted`,
      )
      return rows.length === 1
    })
    goOn()
    assert.deepEqual(
      (await both).map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    )
    await change
    assert.equal((await engine.getQueue(at)).messages, 8)
  })

  test('two that move the same message do not wait for each other', async (t) => {
    const { engine, inTurn } = await start(t)
    const [held] = await engine.receive({ ...at, maxMessages: 1 })
    const entries = [{ receiptHandle: held?.receiptHandle ?? '', action: { do: 'dead-letter' } as const }]
    const settle = () => engine.settle({ ...at, entries })
    const { both, goOn } = await inTurn(settle, settle)
    goOn()
    const changed = (await both).map((outcome) => {
      const [result] = outcome.status === 'fulfilled' ? outcome.value : []
      return result?.ok && result.value.changed
    })
    assert.deepEqual(changed, [true, false])
    assert.equal((await engine.getQueue({ account: 'a', queue: 'dead' })).messages, 7)
    assert.equal((await engine.getQueue(at)).messages, 5)
  })
})
