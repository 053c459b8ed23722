// The connection breaks while a COMMIT is on its way: nobody can tell whether it arrived, and that is what is said.

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { isRefusal, type Refusal } from '../../src/core/errors.ts'
import { storeFailureOf } from '../../src/core/unavailable.ts'
import { at, bytes, type Node, startNode, textOf } from './node.ts'
import { type Ends, startProxy } from './proxy.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

const commit = Buffer.from('COMMIT\0')

/** A node of which one COMMIT is lost on the way, or arrives and its answer is lost. */
const start = async (t: TestContext, lost: 'question' | 'answer') => {
  const url = await freshUrl()
  let armed: string | undefined
  let cutting: Ends | undefined
  let losses = 0
  const lose = ({ node, server }: Ends) => {
    losses++
    node.destroy()
    server.destroy()
    cutting = undefined
    return Buffer.alloc(0)
  }
  const proxy = await startProxy(t, url, {
    toServer(bytes, ends) {
      if (armed === undefined || !bytes.includes(commit) || !bytes.includes(armed)) return bytes
      armed = undefined
      if (lost === 'question') return lose(ends)
      cutting = ends
      return bytes
    },
    // What comes before it, such as that another transaction was quicker, is not the answer to the COMMIT.
    toNode: (bytes, ends) => (ends === cutting && bytes.includes(commit) ? lose(ends) : bytes),
  })
  const node = await startNode(t, { url: proxy.url, listen: false })
  const beside = await startNode(t, { url, listen: false })
  await node.engine.createQueue({ ...at, settings: { deduplicationWindowMs: 60_000 } })
  const losing = async (work: Promise<unknown>): Promise<Refusal> => {
    const error = await work.then(
      () => assert.fail('it was answered'),
      (reason: unknown) => reason,
    )
    assert.ok(isRefusal(error), String(error))
    assert.equal(losses, 1)
    return error
  }
  return {
    node,
    beside,
    /** It is the one that travels together with this text. */
    arm(text: string) {
      armed = text
    },
    losing,
  }
}

const unknown = (refusal: Refusal): void => {
  assert.ok(isRefusal(refusal, 'StoreUnavailable'))
  assert.equal(refusal.data.retryable, false)
  assert.match(refusal.message, /it is not known whether this was done/)
  assert.match(storeFailureOf(refusal)?.message ?? '', /lost while committing; whether it was written is not known/)
}

const bodiesIn = async ({ engine }: Node): Promise<string[]> =>
  (await engine.receive({ ...at, maxMessages: 100, visibilityTimeoutMs: 0 })).map(textOf)

describe('a COMMIT whose answer is lost', withoutPostgres, () => {
  for (const lost of ['question', 'answer'] as const) {
    const arrived = lost === 'answer'
    test(`a send, of which the ${lost} is lost: whoever sent it is told that nobody knows`, async (t) => {
      const { node, beside, arm, losing } = await start(t, lost)
      await node.engine.send({ ...at, messages: [{ body: bytes('before') }] })
      arm('lost')
      unknown(await losing(node.engine.send({ ...at, messages: [{ body: bytes('lost') }] })))
      await node.engine.send({ ...at, messages: [{ body: bytes('after') }] })
      const expected = ['before', ...(arrived ? ['lost'] : []), 'after']
      assert.deepEqual(await bodiesIn(beside), expected)
      assert.equal((await node.engine.getQueue(at)).messages, expected.length)
    })

    test(`with an idempotency key it is sent once, though the ${lost} was lost and it is sent again`, async (t) => {
      const { node, beside, arm, losing } = await start(t, lost)
      const send = () => node.engine.send({ ...at, messages: [{ body: bytes('lost'), deduplicationId: 'one' }] })
      arm('lost')
      unknown(await losing(send()))
      const [again] = await send()
      assert.equal(again?.duplicate, arrived)
      assert.deepEqual(await bodiesIn(beside), ['lost'])
    })

    test(`a deletion, of which the ${lost} is lost`, async (t) => {
      const { node, beside, arm, losing } = await start(t, lost)
      await node.engine.send({ ...at, messages: [{ body: bytes('x') }] })
      const [held] = await node.engine.receive(at)
      const entries = [{ receiptHandle: held?.receiptHandle ?? '', action: { do: 'delete' } as const }]
      arm('DELETE FROM')
      unknown(await losing(node.engine.settle({ ...at, entries })))
      assert.equal((await beside.engine.getQueue(at)).messages, arrived ? 0 : 1)
      // What it remembers of the message is not taken for granted any more.
      const [result] = await node.engine.settle({ ...at, entries })
      assert.ok(result?.ok)
      assert.equal(result.value.changed, !arrived)
      assert.equal((await beside.engine.getQueue(at)).messages, 0)
    })
  }
})
