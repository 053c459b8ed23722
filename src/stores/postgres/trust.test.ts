// What a node takes for granted is checked where it writes: another node may have been there.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, bytes, startNode, textOf } from '../../../test/postgres/node.ts'
import { freshUrl, withoutPostgres } from '../../../test/postgres/shared.ts'
import type { Transaction } from '../../core/store.ts'

const send = (count: number) => ({
  ...at,
  messages: Array.from({ length: count }, (_, i) => ({ body: bytes(`${i}`) })),
})
const all = { ...at, maxMessages: 1000 }

describe('what a node of PostgreSQL takes for granted', withoutPostgres, () => {
  const twoNodes = async (t: Parameters<typeof startNode>[0]) => {
    const url = await freshUrl()
    const [a, b] = [await startNode(t, { url, listen: false }), await startNode(t, { url, listen: false })]
    await a.engine.createQueue({ ...at, settings: {} })
    return [a, b] as const
  }
  const flights = (node: { store: { stats(): { gauges: Readonly<Record<string, number>> } } }) =>
    Number(node.store.stats().gauges.round_trips)

  test('a node that sends alone takes one flight for it, and one to settle', async (t) => {
    const [a] = await twoNodes(t)
    const taken: number[] = []
    for (let i = 0; i < 20; i++) {
      const before = flights(a)
      await a.engine.send(send(1))
      taken.push(flights(a) - before)
    }
    assert.equal(taken.at(-1), 1, `flights: ${taken}`)
    const received = await a.engine.receive(all)
    const beforeSettle = flights(a)
    const entries = received.map(({ receiptHandle }) => ({
      receiptHandle: receiptHandle ?? '',
      action: { do: 'delete' } as const,
    }))
    assert.ok((await a.engine.settle({ ...at, entries })).every(({ ok }) => ok))
    assert.equal(flights(a) - beforeSettle, 1)
  })

  test('positions rise in the order of commits, though nodes take turns', async (t) => {
    const [a, b] = await twoNodes(t)
    const positions: number[] = []
    for (const node of [a, a, a, a, a, a, b, a, a, b, b, b, b, b, b, b, a, b, a, a, a, a, a, a, a, a]) {
      const [one, two] = await Promise.all([node.engine.send(send(3)), node.engine.send(send(300))])
      positions.push(...[...(one ?? []), ...(two ?? [])].map(({ position }) => position).sort((x, y) => x - y))
    }
    assert.deepEqual(
      positions,
      [...positions].sort((x, y) => x - y),
    )
    assert.equal(new Set(positions).size, positions.length)
    const browsed = await b.engine.getQueue(at)
    assert.equal(browsed.counts.ready, positions.length)
  })

  test('large batches at once from two nodes: all are there, each once', async (t) => {
    const [a, b] = await twoNodes(t)
    for (let i = 0; i < 5; i++) await a.engine.send(send(1))
    const sends = Array.from({ length: 40 }, (_, i) => (i % 3 ? a : b).engine.send(send(200)))
    const ids = (await Promise.all(sends)).flat().map(({ id }) => id)
    assert.equal(new Set(ids).size, 8000)
    const seen = new Set<string>()
    for (let got = await b.engine.receive(all); got.length > 0; got = await b.engine.receive(all)) {
      for (const { message } of got) seen.add(`${message.serial}`)
    }
    assert.equal(seen.size, 8005)
  })

  test('sends to two queues in one flight: neither overtakes another node, and one that is gone fails alone', async (t) => {
    const [a, b] = await twoNodes(t)
    const other = { account: 'a', queue: 'other' }
    await a.engine.createQueue({ ...other, settings: {} })
    const both = () => Promise.all([a.engine.send(send(1)), a.engine.send({ ...send(1), ...other })])
    /** Until it goes ahead in both. */
    const warmUp = async () => {
      for (let taken = 0; taken !== 1; ) {
        const before = flights(a)
        await both()
        taken = flights(a) - before
      }
    }
    await warmUp()
    const [theirs] = await b.engine.send({ ...send(1), ...other })
    const [, [ours] = []] = await both()
    assert.ok(theirs && ours && ours.position > theirs.position)
    await warmUp()
    const { messages } = await b.engine.getQueue(at)
    await b.engine.deleteQueue(other)
    const [kept, lost] = await Promise.allSettled([
      a.engine.send(send(1)),
      a.engine.send({ ...send(1), ...other, ifMissing: 'refuse' }),
    ])
    assert.equal(kept.status, 'fulfilled')
    assert.equal(lost.status, 'rejected')
    assert.equal((await b.engine.getQueue(at)).messages, messages + 1)
  })

  test('settings that another node changed hold for the very next send, and so does that the queue is gone', async (t) => {
    const [a, b] = await twoNodes(t)
    for (let i = 0; i < 6; i++) await a.engine.send(send(1))
    await b.engine.updateQueue({ ...at, settings: { maxMessageBytes: 1024 } })
    await assert.rejects(a.engine.send({ ...at, messages: [{ body: bytes('x'.repeat(2000)) }] }), /takes at most 1024/)
    await b.engine.deleteQueue(at)
    await assert.rejects(a.engine.send({ ...send(1), ifMissing: 'refuse' }), /queue/i)
  })

  test('a group that another node removed is gone', async (t) => {
    const [a, b] = await twoNodes(t)
    const groupsOf = async ({ store }: typeof a) => {
      let groups: readonly number[] | undefined
      const run = (transaction: Transaction) => {
        groups = transaction.queue(at.account, at.queue)?.groups.map(({ id }) => id)
      }
      await store.transact([{ run }])
      return groups
    }
    const groups = await groupsOf(a)
    assert.equal(groups?.length, 1)
    assert.deepEqual(await groupsOf(b), groups)
    const removal = groups.map((id) => ({ run: (transaction: Transaction) => transaction.removeGroup(id) }))
    await b.store.transact(removal)
    assert.deepEqual(await groupsOf(a), [])
  })

  test('what is remembered of leases tells which handles are old, and is checked beside what is written', async (t) => {
    const [a, b] = await twoNodes(t)
    for (let i = 0; i < 5; i++) await a.engine.send(send(1))
    const deletions = (held: readonly { receiptHandle: string | null }[]) =>
      held.map(({ receiptHandle }) => ({ receiptHandle: receiptHandle ?? '', action: { do: 'delete' } as const }))
    for (const [many, byOther] of [
      [1, false],
      [3, false],
      [1, true],
      [3, true],
    ] as const) {
      const some = { ...at, maxMessages: many }
      const old = await a.engine.receive(some)
      const back = old.map(({ receiptHandle }) => ({
        receiptHandle: receiptHandle ?? '',
        action: { do: 'release', delayMs: 0 } as const,
      }))
      await a.engine.settle({ ...at, entries: back })
      const held = await a.engine.receive(some)
      assert.equal(held.length, many)
      // Then what is remembered is wrong, and the whole transaction is done again.
      if (byOther) await b.engine.settle({ ...at, entries: deletions(held) })
      const before = a.store.stats().gauges
      const [settled] = await Promise.all([a.engine.settle({ ...at, entries: deletions(old) }), a.engine.send(send(1))])
      assert.deepEqual(
        settled.map((result) => result.ok && result.value.changed),
        Array(many).fill(false),
      )
      const after = a.store.stats().gauges
      assert.equal(Number(after.conflicts) - Number(before.conflicts), byOther ? 1 : 0)
      if (!byOther) await a.engine.settle({ ...at, entries: deletions(held) })
    }
    assert.equal((await b.engine.getQueue(at)).messages, 5 + 4 - 8)
  })

  test('a lease that another node has ended is not settled from memory', async (t) => {
    const [a, b] = await twoNodes(t)
    await a.engine.send(send(2))
    const [first, second] = await a.engine.receive(all)
    const entry = (handle: string | undefined | null) => ({
      receiptHandle: handle ?? '',
      action: { do: 'delete' } as const,
    })
    const back = { receiptHandle: first?.receiptHandle ?? '', action: { do: 'release', delayMs: 0 } as const }
    const [released] = await b.engine.settle({ ...at, entries: [back] })
    assert.ok(released?.ok)
    const again = await b.engine.receive({ ...at, maxMessages: 1 })
    assert.deepEqual(again.map(textOf), ['0'])
    const results = await a.engine.settle({
      ...at,
      entries: [entry(first?.receiptHandle), entry(second?.receiptHandle)],
    })
    assert.deepEqual(
      results.map(({ ok }) => ok),
      [false, true],
    )
    const [last] = await b.engine.settle({ ...at, entries: [entry(again[0]?.receiptHandle)] })
    assert.ok(last?.ok)
  })

  for (const receives of [1, 2]) {
    test(`of many leases of ${receives} receives, one that another node has changed is not settled from memory`, async (t) => {
      const [a, b] = await twoNodes(t)
      await a.engine.send(send(20))
      const held = []
      for (let i = 0; i < receives; i++)
        held.push(...(await a.engine.receive({ ...at, maxMessages: 20 / receives, visibilityTimeoutMs: 60_000 })))
      assert.equal(held.length, 20)
      const chosen = held[13]?.receiptHandle ?? ''
      const extension = { do: 'extend', visibilityTimeoutMs: 90_000 } as const
      const [extended] = await b.engine.settle({ ...at, entries: [{ receiptHandle: chosen, action: extension }] })
      assert.ok(extended?.ok)
      const before = a.store.stats().gauges
      const entries = held.map(({ receiptHandle }) => ({
        receiptHandle: receiptHandle ?? '',
        action: receiptHandle === chosen ? ({ do: 'release', delayMs: 5000 } as const) : ({ do: 'delete' } as const),
      }))
      const settled = await a.engine.settle({ ...at, entries })
      assert.ok(settled.every(({ ok }) => ok))
      assert.equal(Number(a.store.stats().gauges.conflicts) - Number(before.conflicts), 1)
      const { counts } = await b.engine.getQueue(at)
      assert.deepEqual([counts.delayed, counts.leased, counts.ready], [1, 0, 0])
    })
  }
})
