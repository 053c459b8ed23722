import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eagerBatches, fixedBatches, type Sized } from './batches.ts'

interface Item extends Sized {
  readonly name: number
}
const item = (name: number, bytes = 1): Item => ({ name, bytes })
const from = async function* (...items: Item[]) {
  yield* items
}
const all = async (batches: AsyncIterable<Item[]>) => {
  const list: Item[][] = []
  for await (const batch of batches) list.push(batch)
  return list
}
const names = (batches: readonly (readonly Item[])[]) => batches.map((batch) => batch.map(({ name }) => name))

test('fixed batches are bounded in count and bytes; one item always fits', async () => {
  const items = from(item(1), item(2), item(3, 50), item(4), item(5), item(6), item(7))
  const batches = await all(fixedBatches(items, { maxCount: 3, maxBytes: 10 }))
  assert.deepEqual(names(batches), [[1, 2], [3], [4, 5, 6], [7]])
})

test('an item is passed on at once, and what comes meanwhile is gathered', async () => {
  const batches: Item[][] = []
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  const items = (async function* () {
    yield item(1)
    await gates[0]!.promise
    yield* [item(2), item(3)]
    await gates[1]!.promise
    yield item(4)
  })()
  for await (const batch of eagerBatches(items, { maxCount: 10, maxBytes: 100 })) {
    batches.push(batch)
    gates[batches.length - 1]?.resolve()
    // A turn of the event loop: the reader goes on while this batch is "being sent".
    await new Promise(setImmediate)
  }
  assert.deepEqual(names(batches), [[1], [2, 3], [4]])
})

test('reading stops while enough is waiting', async () => {
  let read = 0
  const items = (async function* () {
    while (read < 100) yield item(++read)
  })()
  const batches = eagerBatches(items, { maxCount: 5, maxBytes: 100 })
  const first = await batches.next()
  await new Promise(setImmediate)
  assert.ok((first.value?.length ?? 0) <= 5)
  assert.ok(read <= 11, `${read} read`)
  await batches.return(undefined)
})

test('what came before a failure is given first', async () => {
  const items = (async function* () {
    yield item(1)
    throw new Error('broken')
  })()
  const batches = eagerBatches(items, { maxCount: 5, maxBytes: 100 })
  assert.deepEqual(names([(await batches.next()).value ?? []]), [[1]])
  await assert.rejects(batches.next(), /broken/)
})
