import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, bytes, startNode } from '../../../test/postgres/node.ts'
import { freshUrl, withoutPostgres } from '../../../test/postgres/shared.ts'
import type { Hint, Transaction } from '../../core/store.ts'

describe('what is ready and was passed over', withoutPostgres, () => {
  test('is told to those who wait, unless it was taken or only looked at', async (t) => {
    const { engine, store } = await startNode(t, { url: await freshUrl(), listen: false })
    await engine.send({ ...at, messages: [{ body: bytes('1') }, { body: bytes('2') }] })
    const heard: Hint[] = []
    assert.ok(store.shared)
    t.after(store.shared.listen((hint) => void heard.push(hint)))
    const look = (tx: Transaction) => tx.ready(tx.queue(at.account, at.queue)?.groups[0]?.id ?? 0, 2)

    await store.transact([{ onlyReads: true, run: (tx) => void look(tx) }])
    assert.deepEqual(heard, [])

    await store.transact([{ run: (tx) => void look(tx) }])
    assert.deepEqual(heard.splice(0), [{ ...at, readied: 2 }])

    const failure = new Error('after a look')
    const failing = (tx: Transaction) => {
      look(tx)
      throw failure
    }
    await assert.rejects(store.transact([{ run: failing }]), failure)
    assert.deepEqual(heard.splice(0), [{ ...at, readied: 2 }])

    assert.equal((await engine.receive({ ...at, maxMessages: 2 })).length, 2)
    assert.deepEqual(heard, [])
  })
})
