import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Message, MillraceError, type ReceiveOptions } from '../../client/index.ts'
import { OutputClosed } from '../output/lines.ts'
import { type ReceivePlan, receiveLoop, type Source } from './receive-loop.ts'

/** Hands out what it is given, a batch a receive; then waits until it is aborted. */
const sourceOf = (...batches: string[][]) => {
  const log: string[] = []
  const message = (id: string): Message<unknown> => {
    const note = (what: string) => () => {
      log.push(`${what} ${id}`)
      return id === 'lost' ? Promise.reject(new MillraceError('LeaseLost', 'The lease has ended.')) : Promise.resolve()
    }
    const fields = { id, receiptHandle: id, leasedUntil: Number.POSITIVE_INFINITY }
    return { ...fields, delete: note('delete'), release: note('release') } as unknown as Message<unknown>
  }
  const receive = ({ maxMessages, waitMs, signal }: ReceiveOptions = {}): Promise<readonly Message<unknown>[]> => {
    log.push(`receive ${maxMessages} ${waitMs}`)
    const batch = batches.shift()
    if (batch) return Promise.resolve(batch.map(message))
    if (waitMs === 0) return Promise.resolve([])
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(new MillraceError('Aborted', 'Aborted.')))
    })
  }
  const source: Source = { receive, pop: () => Promise.reject(new Error('not popped here')) }
  return { source, log }
}

const plan = (count: number | null, fate: ReceivePlan['fate'] = 'keep'): ReceivePlan => ({
  count,
  fate,
  options: { waitMs: 500 },
})
const never = new AbortController().signal
const ids = () => {
  const seen: string[] = []
  const write = (message: { readonly id: string }) => {
    seen.push(message.id)
    return Promise.resolve()
  }
  return { seen, write }
}

test('it waits for the first messages only, and keeps what it wrote', async () => {
  const { source, log } = sourceOf(['a', 'b'])
  const { seen, write } = ids()
  const { count } = await receiveLoop(source, plan(5), write, never)
  assert.deepEqual([count, seen, log], [2, ['a', 'b'], ['receive 5 500', 'receive 3 0']])
})

test('a message is deleted once it is written; one that cannot be is told of', async () => {
  const { source, log } = sourceOf(['a', 'lost'])
  const { failures } = await receiveLoop(source, plan(2, 'delete'), ids().write, never)
  assert.deepEqual([failures.length, log], [1, ['receive 2 500', 'delete a', 'delete lost']])
})

test('when the reader has gone, what it has not seen is released', async () => {
  const { source, log } = sourceOf(['a', 'b', 'c'])
  const write = ({ id }: { readonly id: string }) =>
    id === 'b' ? Promise.reject(new OutputClosed()) : Promise.resolve()
  await assert.rejects(receiveLoop(source, plan(3, 'delete'), write, never), OutputClosed)
  assert.deepEqual(log, ['receive 3 500', 'delete a', 'release b', 'release c'])
})

test('interrupted, it releases all that is not deleted', async () => {
  const { source, log } = sourceOf(['a', 'b', 'c'], ['d'])
  const interrupt = new AbortController()
  const write = ({ id }: { readonly id: string }) => {
    if (id === 'b') interrupt.abort()
    return Promise.resolve()
  }
  const { count } = await receiveLoop(source, plan(null), write, interrupt.signal)
  assert.deepEqual([count, log], [2, ['receive 100 20000', 'release c', 'release a', 'release b']])

  const waiting = sourceOf()
  const stop = new AbortController()
  const receiving = receiveLoop(waiting.source, plan(null), ids().write, stop.signal)
  stop.abort()
  assert.equal((await receiving).count, 0)
})
