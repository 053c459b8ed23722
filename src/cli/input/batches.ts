import { EventEmitter, once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface BatchLimits {
  readonly maxCount: number
  readonly maxBytes: number
}

export interface Sized {
  /** About how many bytes it will take on the way. */
  readonly bytes: number
}

/** Batches that depend on nothing but the items and the limits: the same input always gives the same ones. */
export async function* fixedBatches<Item extends Sized>(
  items: AsyncIterable<Item>,
  limits: BatchLimits,
): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  let bytes = 0
  for await (const item of items) {
    if (batch.length > 0 && (batch.length >= limits.maxCount || bytes + item.bytes > limits.maxBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += item.bytes
  }
  if (batch.length > 0) yield batch
}

/**
 * Whatever has arrived, as soon as somebody asks: while one batch is being sent the next one gathers, so a slow input is
 * passed on at once and a fast one in large batches. At most two batches are in memory. When the input fails, what came
 * before is given first.
 */
export async function* eagerBatches<Item extends Sized>(
  items: AsyncIterable<Item>,
  limits: BatchLimits,
): AsyncGenerator<Item[]> {
  let waiting: Item[] = []
  let bytes = 0
  let ended = false
  let failure: { readonly error: unknown } | undefined
  const changes = new EventEmitter()
  const changed = () => changes.emit('change')
  const isFull = () => waiting.length >= limits.maxCount || bytes >= limits.maxBytes
  const until = async (condition: () => boolean) => {
    while (!condition()) await once(changes, 'change')
  }

  const read = async () => {
    try {
      for await (const item of items) {
        await until(() => ended || !isFull())
        if (ended) return
        waiting.push(item)
        bytes += item.bytes
        changed()
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    changed()
  }

  const reading = read()
  try {
    for (;;) {
      await until(() => ended || waiting.length > 0)
      // A turn of the event loop, for what came together with the first one.
      if (!isFull()) await nextTurn()
      if (waiting.length === 0) break
      const batch = waiting
      waiting = []
      bytes = 0
      changed()
      yield batch
    }
    await reading
    if (failure) throw failure.error
  } finally {
    ended = true
    changed()
  }
}
