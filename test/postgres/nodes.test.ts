// Several nodes over one database: what one does the other sees, and nothing is done twice, whoever dies.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import pg from 'pg'
import { at, bytes, startNode, startServerProcess, temporaryDirectory, textOf, until } from './node.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

describe('nodes over one PostgreSQL', withoutPostgres, () => {
  for (const listen of [true, false]) {
    test(`a send on one answers a receive that waits on another, ${listen ? 'told by it' : 'by looking'}`, async (t) => {
      const url = await freshUrl()
      const a = await startNode(t, { url, listen })
      const b = await startNode(t, { url, listen })
      await a.engine.createQueue({ ...at, settings: {} })
      if (listen)
        await until(() => a.store.stats().gauges.hearing_others === 1 && b.store.stats().gauges.hearing_others === 1)
      else assert.equal(b.store.shared?.lookAgainMs, 800)
      for (let round = 0; round < 3; round++) {
        const waiting = [1, 2, 3].map(() => b.engine.receive({ ...at, waitMs: 30_000 }))
        // They look before they wait.
        await b.engine.getQueue(at)
        await a.engine.send({ ...at, messages: [1, 2, 3].map((n) => ({ body: bytes(`${round}.${n}`) })) })
        const received = (await Promise.all(waiting)).flat().map(textOf)
        assert.deepEqual(received.sort(), [`${round}.1`, `${round}.2`, `${round}.3`])
      }
    })
  }

  test('of many groups that are waited for only those are looked at that have something', async (t) => {
    const url = await freshUrl()
    const a = await startNode(t, { url, listen: false })
    const b = await startNode(t, { url, listen: false })
    const names = ['q', 'nul \u0000 \u0001', 'plain', 'ordered', 'not there yet']
    const queues = names.map((queue) => ({ account: 'a', queue }))
    await a.engine.createQueue({ ...at, settings: { consumerGroups: true } })
    await a.engine.createGroup({ ...at, group: 'one' })
    await a.engine.createQueue({ account: 'a', queue: 'ordered', settings: { ordering: 'ordered' } })
    const ready = async () =>
      (await b.store.shared?.readyGroups(queues))?.map(({ queue, group }) => [queue, group.kind, group.name]).sort()
    assert.deepEqual(await ready(), [])
    for (const { queue } of queues) await a.engine.send({ account: 'a', queue, messages: [{ body: bytes('1') }] })
    assert.deepEqual(await ready(), [
      ['not there yet', 'default', 'default'],
      ['nul \u0000 \u0001', 'default', 'default'],
      ['ordered', 'default', 'default'],
      ['plain', 'default', 'default'],
      ['q', 'consumer', 'one'],
    ])
    await b.engine.receive({ ...at, group: 'one' })
    await b.engine.receive({ account: 'a', queue: 'ordered' })
    assert.deepEqual((await ready())?.length, 3, 'what is leased is not ready')

    // Those who wait for nothing are not woken; the one whose message comes is.
    const idle = Array.from({ length: 50 }, (_, i) => `idle ${i}`)
    const waiting = idle.map((queue) => b.engine.receive({ account: 'a', queue, waitMs: 30_000 }))
    await b.engine.getQueue(at)
    const before = Number(b.store.stats().gauges.transactions)
    for (const queue of idle.slice(0, 3)) {
      await a.engine.send({ account: 'a', queue, messages: [{ body: bytes(queue) }] })
    }
    assert.deepEqual((await Promise.all(waiting.slice(0, 3))).flat().map(textOf), idle.slice(0, 3))
    assert.ok(Number(b.store.stats().gauges.transactions) - before < 50)
    await b.stop()
    assert.deepEqual((await Promise.all(waiting)).flat().length, 3)
  })

  test('settings that one node changed hold on the others at once', async (t) => {
    const url = await freshUrl()
    const a = await startNode(t, { url, listen: false })
    const b = await startNode(t, { url, listen: false })
    await a.engine.createQueue({ ...at, settings: {} })
    await b.engine.send({ ...at, messages: [{ body: bytes('1') }] })
    for (let round = 0; round < 10; round++) {
      await a.engine.updateQueue({ ...at, settings: { paused: true } })
      assert.deepEqual(await b.engine.receive(at), [])
      await b.engine.updateQueue({ ...at, settings: { paused: false } })
      const [received] = await a.engine.receive({ ...at, visibilityTimeoutMs: 0 })
      assert.ok(received)
    }
    await a.engine.purgeQueue(at)
    assert.deepEqual(await b.engine.receive(at), [])
    await b.engine.send({ ...at, messages: [{ body: bytes('2') }] })
    assert.deepEqual((await a.engine.receive(at)).map(textOf), ['2'])
  })

  test('what falls due is shared out, each once', async (t) => {
    const url = await freshUrl()
    const nodes = await Promise.all([1, 2, 3].map(() => startNode(t, { url, listen: false })))
    const [a] = nodes
    assert.ok(a)
    await a.engine.createQueue({ ...at, settings: {} })
    const messages = Array.from({ length: 1000 }, (_, i) => ({ body: bytes(`${i}`), retentionMs: 1500 }))
    await a.engine.send({ ...at, messages })
    const expired = () =>
      nodes
        .flatMap(({ events }) => events)
        .reduce((sum, event) => sum + (event.verb === 'expire' ? event.messages : 0), 0)
    await until(() => expired() >= 1000)
    await until(async () => (await a.engine.getQueue(at)).messages === 0)
    assert.equal(expired(), 1000)
  })

  test('leases and work of a node that died go to the others', { timeout: 60_000 }, async (t) => {
    const url = await freshUrl()
    const dying = await startNode(t, { url })
    const other = await startNode(t, { url })
    await dying.engine.createQueue({ ...at, settings: {} })
    await dying.engine.createQueue({ account: 'a', queue: 'big', settings: {} })
    const many = Array.from({ length: 1000 }, (_, i) => ({ body: bytes(`${i}`) }))
    for (let i = 0; i < 3; i++) await dying.engine.send({ account: 'a', queue: 'big', messages: many })
    await dying.engine.send({ ...at, messages: [{ body: bytes('held') }] })
    const [held] = await dying.engine.receive({ ...at, visibilityTimeoutMs: 2000 })
    assert.ok(held)
    const purged = dying.engine.purgeQueue({ account: 'a', queue: 'big' })
    assert.equal((await purged).purged, 3000)
    await dying.stop()
    const [again] = await other.engine.receive({ ...at, waitMs: 20_000 })
    assert.equal(again && textOf(again), 'held')
    assert.equal(again?.receiveCount, 2)
    await until(async () => (await count(url, 'delivery')) <= 1)
  })

  test('a server that is killed under load: what it acknowledged is there, and the other carries on', {
    timeout: 60_000,
  }, async (t) => {
    const url = await freshUrl()
    const data = temporaryDirectory(t)
    const first = await startServerProcess(t, url, data)
    const second = await startServerProcess(t, url, data)
    const sent: string[] = []
    const call = (server: string, path: string, body: unknown) =>
      fetch(`${server}/api/v1/queues/q/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    let isOver = false
    const send = async (server: string, name: string) => {
      for (let i = 0; !isOver; i++) {
        const body = `${name} ${i}`
        const answer = await call(server, 'messages/batch', { messages: [{ body }] }).catch(() => undefined)
        if (!answer?.ok) return
        sent.push(body)
      }
    }
    const sending = [send(first.url, 'a'), send(first.url, 'b'), send(second.url, 'c'), send(second.url, 'd')]
    await until(() => sent.length > 200)
    // Held by the one that dies.
    const held = await call(first.url, 'receive', { maxMessages: 5, visibilityTimeoutMs: 1000 })
    assert.equal(held.status, 200)
    await first.kill()
    const before = sent.length
    await until(() => sent.length > before + 50)
    isOver = true
    await Promise.all(sending)
    const received = new Set<string>()
    await until(async () => {
      const answer = await call(second.url, 'receive', { maxMessages: 1000, visibilityTimeoutMs: 60_000, waitMs: 500 })
      const { messages } = (await answer.json()) as { messages: { body: string }[] }
      for (const { body } of messages) received.add(body)
      return sent.every((body) => received.has(body))
    })
  })
})

/** How many rows a table holds. */
const count = async (url: string, table: string): Promise<number> => {
  const client = new pg.Client(url.replace(/\?.*/, ''))
  await client.connect()
  try {
    const schema = /schema=(\w+)/.exec(url)?.[1]
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${schema}.${table}`)
    return rows[0]?.n ?? 0
  } finally {
    await client.end()
  }
}
