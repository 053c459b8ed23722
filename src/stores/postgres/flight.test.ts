// Flights: what a COPY in them gives; and those with a rest, where the server works on the first part while the rest's time has not come.

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { until } from '../../../test/postgres/node.ts'
import { startProxy } from '../../../test/postgres/proxy.ts'
import { freshUrl, serverUrl, withoutPostgres } from '../../../test/postgres/shared.ts'
import { parseAddress } from './address.ts'
import type { CopiedColumns, Row } from './columns.ts'
import { Connection, connectToPrimary } from './connections.ts'
import { CopyRows } from './copy-rows.ts'
import { isDisconnection } from './failures.ts'
import type { Statement } from './flight.ts'

const connect = async (t: TestContext, url: string): Promise<Connection> => {
  const client = await connectToPrimary(parseAddress(url))
  t.after(() => client.end().catch(() => {}))
  return new Connection(client)
}

/** What each statement gave, in the order in which they were told. */
const noting = () => {
  const told: (readonly Row[])[] = []
  const note = (text: string): Statement => ({ text, rows: (rows) => void told.push(rows) })
  return { told, note }
}

/** Each flight gets its own answers: with a Sync too few it would wait for ever, with one too many it would get none. */
const assertInStep = async (connection: Connection): Promise<void> => {
  const { told, note } = noting()
  await Promise.all([1, 2, 3].map((number) => connection.fly([note(`SELECT ${number}`)])))
  assert.deepEqual(told, [[['1']], [['2']], [['3']]])
}

const divisionByZero = { code: '22012' }
const never = new Promise(() => {})

describe('what a COPY gives', { ...withoutPostgres, timeout: 60_000 }, () => {
  test('goes to its statement, rows by themselves, however many there are', async (t) => {
    const connection = await connect(t, await freshUrl())
    const told: unknown[][] = []
    const copy = (query: string): Statement => ({
      text: `COPY (${query}) TO STDOUT (FORMAT binary)`,
      copied: (rows) => void told.push(rows.map((row) => [row.number(), row.numberOrNull(), row.text(), row.bytes()])),
    })
    const large = Buffer.alloc(100_000, 7)
    await connection.fly([
      copy(`SELECT 1, 1, '', ''::bytea WHERE false`),
      copy(
        `SELECT (2::int8 ^ 52)::int8 - 1, NULL::int4, 'ä', '\\x00ff'::bytea UNION ALL SELECT -3::int8, 4::int4, NULL, NULL`,
      ),
      { text: 'SELECT 1' },
      copy(`SELECT -5::int2, -6::int8, '', decode(repeat('07', 100000), 'hex')`),
    ])
    assert.deepEqual(told, [
      [],
      [
        [2 ** 52 - 1, null, 'ä', Buffer.from([0, 255])],
        [-3, 4, null, null],
      ],
      [[-5, -6, '', large]],
    ])
    await assertInStep(connection)
  })

  const copied = (query: string, told: unknown[]): Statement => ({
    text: `COPY (${query}) TO STDOUT (FORMAT binary)`,
    copied: (rows) => void told.push(rows.length),
  })

  for (const part of ['first part', 'rest']) {
    test(`is given to nobody when it fails midway in the ${part} of a flight`, async (t) => {
      const connection = await connect(t, await freshUrl())
      const told: unknown[] = []
      const whole = copied('SELECT 1', told)
      const failing = copied('SELECT 1 / (i - 5000) FROM generate_series(1, 10000) i', told)
      const flight = connection.fly(part === 'rest' ? [whole] : [whole, failing], {
        when: () => Promise.resolve(),
        statements: () => (part === 'rest' ? [failing, whole] : [whole]),
      })
      await assert.rejects(flight, divisionByZero)
      await assertInStep(connection)
      await connection.fly([copied('SELECT FROM generate_series(1, 3)', told)])
      assert.deepEqual(told, [3])
    })
  }

  test('is given to nobody when the connection breaks midway', async (t) => {
    let seen = 0
    const proxy = await startProxy(t, await serverUrl(), {
      toNode(bytes) {
        seen += bytes.length
        if (seen > 1_000_000) proxy.cut()
        return bytes
      },
    })
    const connection = await connect(t, proxy.url)
    const told: unknown[] = []
    const flight = connection.fly([copied(`SELECT repeat('x', 1000) FROM generate_series(1, 5000)`, told)])
    await assert.rejects(flight, isDisconnection)
    assert.deepEqual(told, [])
  })

  test('outlives what comes over the connection afterwards, however large', async (t) => {
    const connection = await connect(t, await freshUrl())
    const kept: (Uint8Array | null)[] = []
    const query = (character: string, bytes: number) => ({
      text: `COPY (SELECT decode(repeat('${character}', ${2 * bytes}), 'hex') FROM generate_series(1, 3)) TO STDOUT (FORMAT binary)`,
      copied: (rows: readonly CopiedColumns[]) => void kept.push(...rows.map((row) => row.bytes())),
    })
    const sizes = [0, 1, 100, 70_000, 5_000_000]
    for (const [i, bytes] of sizes.entries()) await connection.fly([query(`${i}`, bytes)])
    const expected = sizes.flatMap((bytes, i) => Array.from({ length: 3 }, () => Buffer.alloc(bytes, 17 * i)))
    for (const [i, bytes] of expected.entries()) assert.ok(bytes.equals(kept[i] ?? Buffer.alloc(1)), `row ${i}`)
  })
})

describe('a flight with a rest', { ...withoutPostgres, timeout: 60_000 }, () => {
  test('its first part is worked on at once, and each statement gets what it gave', async (t) => {
    const url = await freshUrl()
    const [connection, beside] = [await connect(t, url), await connect(t, url)]
    const { told, note } = noting()
    const time = Promise.withResolvers<void>()
    let isSent = false
    const rest = () => {
      isSent = true
      return [note('SELECT 3'), note('SELECT WHERE false'), note('SELECT 4, 5')]
    }
    const flight = connection.fly(
      [{ text: 'SELECT pg_advisory_lock(4711)' }, note('SELECT 1 UNION ALL SELECT 2 ORDER BY 1'), note('SELECT NULL')],
      { when: () => time.promise, statements: rest },
    )
    const lock = noting()
    await until(async () => {
      await beside.fly([lock.note(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted`)])
      return lock.told.at(-1)?.length === 1
    })
    assert.equal(isSent, false)
    time.resolve()
    await flight
    assert.deepEqual(told, [[['1'], ['2']], [[null]], [['3']], [], [['4', '5']]])
    await assertInStep(connection)
  })

  test('its time may have come before the connection is free', async (t) => {
    const connection = await connect(t, await freshUrl())
    const { told, note } = noting()
    const before = connection.fly([note('SELECT 1 FROM pg_sleep(0.05)')])
    const rest = { when: () => Promise.resolve(), statements: () => [note('SELECT 3')] }
    await Promise.all([before, connection.fly([note('SELECT 2')], rest)])
    assert.deepEqual(told, [[['1']], [['2']], [['3']]])
    await assertInStep(connection)
  })

  test('when the first part fails before the time has come, the rest is not sent', async (t) => {
    const connection = await connect(t, await freshUrl())
    const { told, note } = noting()
    const time = Promise.withResolvers<void>()
    let isSent = false
    const rest = () => {
      isSent = true
      return [note('SELECT 1')]
    }
    const failing = connection.fly([note('SELECT 1 / 0')], { when: () => time.promise, statements: rest })
    await assert.rejects(failing, divisionByZero)
    const behind = assertInStep(connection)
    time.resolve()
    await behind
    await assertInStep(connection)
    assert.equal(isSent, false)
    assert.deepEqual(told, [])
  })

  test('a COPY that fails in it does not keep the server waiting', async (t) => {
    const connection = await connect(t, await freshUrl())
    await connection.fly([{ text: 'CREATE TEMPORARY TABLE once (id int8 PRIMARY KEY)' }])
    const rows = new CopyRows(1, 100)
    for (const id of [7, 7]) {
      rows.row()
      rows.int8(id)
    }
    const copy = { text: 'COPY once (id) FROM STDIN (FORMAT binary)', copy: rows.finish() }
    await assert.rejects(connection.fly([copy], { when: () => never, statements: () => [] }), { code: '23505' })
    await assertInStep(connection)
  })

  for (const part of ['first part', 'rest']) {
    test(`when the ${part} fails once all is sent, nobody is told anything`, async (t) => {
      const connection = await connect(t, await freshUrl())
      const { told, note } = noting()
      const failure = { text: 'SELECT 1 / 0' }
      // It is sent before the answer to the first part can have been looked at.
      const flight = connection.fly([note('SELECT 1'), ...(part === 'rest' ? [] : [failure])], {
        when: () => Promise.resolve(),
        statements: () => [note('SELECT 2'), failure, note('SELECT 3')],
      })
      await assert.rejects(flight, divisionByZero)
      await assertInStep(connection)
      assert.deepEqual(told, [])
    })
  }

  for (const [what, end] of [
    [
      'is ended by the server',
      async (_cut: () => void, beside: Connection) => {
        const text = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be ended'`
        await beside.fly([{ text }])
      },
    ],
    ['breaks', async (cut: () => void) => cut()],
  ] as const) {
    test(`when the connection ${what} before the time has come, the rest is not sent`, async (t) => {
      const proxy = await startProxy(t, await serverUrl())
      const connection = await connect(t, `${proxy.url}?application_name=to+be+ended`)
      const beside = await connect(t, await serverUrl())
      const time = Promise.withResolvers<void>()
      let isSent = false
      const flight = connection.fly([{ text: 'BEGIN' }], {
        when: () => time.promise,
        statements: () => {
          isSent = true
          return [{ text: 'COMMIT' }]
        },
      })
      const behind = connection.fly([{ text: 'SELECT 1' }])
      await Promise.all([
        assert.rejects(flight, isDisconnection),
        assert.rejects(behind, isDisconnection),
        end(proxy.cut, beside),
      ])
      time.resolve()
      await time.promise
      assert.equal(isSent, false)
    })
  }

  for (const what of ['its time does not come', 'it cannot be had']) {
    test(`when ${what}, the flight fails and the connection goes on`, async (t) => {
      const connection = await connect(t, await freshUrl())
      const fail = async () => {
        throw new Error('no rest')
      }
      const flight = connection.fly([{ text: 'SELECT 1' }], {
        when: what === 'it cannot be had' ? () => Promise.resolve() : fail,
        statements: () => {
          throw new Error('no rest')
        },
      })
      await assert.rejects(flight, { message: 'no rest' })
      await assertInStep(connection)
    })
  }
})
