import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { faultyStore, memoryStore, seededRandom } from '../../testing/index.ts'
import { dump } from '../../testing/store-suite/dump.ts'
import { randomStep, sequenceUniverse } from '../../testing/store-suite/random-steps.ts'
import { messageRecord, queueRecord } from '../../testing/store-suite/records.ts'
import type { Store, Transaction } from '../store.ts'
import { type CopyOptions, type CopyProgress, copyStore } from './copy-store.ts'
import { Digest } from './digest.ts'
import { unfinishedCopy } from './mark.ts'

const write = (store: Store, run: (transaction: Transaction) => void) => store.transact([{ run }])

const look = async (store: Store): Promise<unknown> => {
  let shown: unknown
  await write(store, (transaction) => {
    shown = dump(transaction, sequenceUniverse)
  })
  return shown
}

const randomStore = async (seed: number): Promise<Store> => {
  const store = memoryStore()
  const random = seededRandom(seed)
  await write(store, (transaction) => {
    for (let step = 0; step < 300; step++) randomStep(transaction, random)
    transaction.takeNumbers(1 + random.below(1_000))
    transaction.takeGroupId()
  })
  return store
}

const copy = (from: Store, to: Store, options: Partial<CopyOptions> = {}) =>
  copyStore({ from, to, source: 'there', run: 'run', ...options })

describe('copying a store', () => {
  test('everything that its reads show is in the copy, and numbers go on behind its own', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const from = await randomStore(seed)
      const to = memoryStore()
      const before = await look(from)
      const { kinds, resumedAt } = await copy(from, to)
      assert.equal(resumedAt, 0)
      assert.ok(kinds.reduce((sum, { records }) => sum + records, 0) > 0)
      assert.deepEqual(await look(to), before, `seed ${seed}`)
      assert.deepEqual(await look(from), before)
      assert.deepEqual(await to.records?.counters(), await from.records?.counters())
      assert.equal(await unfinishedCopy(to), undefined)
    }
  })

  test('ended after any transaction, whether or not it was written, it goes on where it was', async () => {
    const from = await randomStore(7)
    for (let i = 1; i <= 1_200; i++) {
      // More than one slice of a kind.
      await write(from, (transaction) => transaction.putHistory({ ...history, serial: 1_000 + i }))
    }
    for (const fault of ['before-run', 'before-commit', 'after-commit'] as const) {
      for (let end = 1, over = false; !over; end++) {
        const to = memoryStore()
        const interrupted = copy(
          from,
          faultyStore(to, (call) => (call === end ? fault : undefined)),
        )
        over = await interrupted.then(
          () => true,
          (error: Error) => {
            assert.match(error.message, /made to fail/)
            return false
          },
        )
        if (over) assert.ok(end > 12, `only ${end} transactions`)
        const mark = await unfinishedCopy(to)
        // What was there already must not come twice; the last transaction may have been the end of it.
        if (mark) assert.equal((await copy(from, to, { run: 'another' })).resumedAt, mark.records)
        else if (!over && fault !== 'after-commit') await copy(from, to)
        if (await unfinishedCopy(to)) assert.fail('it is not whole')
        assert.deepEqual(await look(to), await look(from), `${fault} ${end}`)
      }
    }
  })

  test('it tells how far it is, and stops between two slices when it is asked to', async () => {
    const from = await randomStore(3)
    const to = memoryStore()
    const stop = new AbortController()
    const seen: CopyProgress[] = []
    const onProgress = (progress: CopyProgress) => {
      seen.push(progress)
      if (progress.kind === 'delivery') stop.abort()
    }
    await assert.rejects(copy(from, to, { signal: stop.signal, onProgress }), { name: 'AbortError' })
    assert.deepEqual(seen.at(-1)?.step, 'copying')
    seen.length = 0
    const { resumedAt } = await copy(from, to, { onProgress: (progress) => void seen.push(progress) })
    assert.ok(resumedAt > 0)
    assert.equal(seen[0]?.done, resumedAt)
    const last = seen.at(-1)
    assert.deepEqual([last?.step, last?.done], ['comparing', last?.total])
  })

  test('a target that holds something, or is being filled from elsewhere or by somebody else, is refused', async () => {
    const from = await randomStore(5)
    const to = memoryStore()
    await write(to, (transaction) => transaction.putDocument({ collection: 'c', key: 'k', value: 1, expiresAt: null }))
    const before = await look(to)
    await assert.rejects(copy(from, to), /The target holds something already\. Name one that is empty/)
    assert.deepEqual(await look(to), before)

    const half = memoryStore()
    await assert.rejects(
      copy(
        from,
        faultyStore(half, (call) => (call > 3 ? 'before-run' : undefined)),
      ),
    )
    await assert.rejects(copy(from, half, { source: 'elsewhere' }), /is being copied into from there\. Go on with that/)
    await assert.rejects(copy(half, memoryStore()), /The source is being copied into itself, from there/)
    const onProgress = ({ kind }: CopyProgress) => {
      if (kind === 'message') void write(half, (transaction) => transaction.putDocument({ ...taken }))
    }
    const taken = {
      collection: 'store-copy',
      key: 'under-way',
      value: { from: 'there', run: 'somebody', kind: 'queue', after: null, records: 0 },
      expiresAt: null,
    }
    await assert.rejects(copy(from, half, { onProgress }), /Somebody else copies into the target as well/)
  })

  test('what differs in the end is named, and the copy stays marked', async () => {
    const from = await randomStore(11)
    const tamper = (change: (transaction: Transaction) => void, store: Store) => {
      let done = false
      return ({ step }: CopyProgress) => {
        if (step === 'comparing' && !done) void write(store, change)
        done ||= step === 'comparing'
      }
    }
    const more = memoryStore()
    const put = (transaction: Transaction) => transaction.putHistory({ ...history, serial: 5_000 })
    await assert.rejects(
      copy(from, more, { onProgress: tamper(put, more) }),
      /history: \d+ in the source, \d+ in the target\. Something was changed .*begin anew/,
    )
    assert.ok(await unfinishedCopy(more))

    await write(from, put)
    const other = memoryStore()
    const change = (transaction: Transaction) => transaction.putHistory({ ...history, serial: 5_000, receiveCount: 1 })
    await assert.rejects(
      copy(from, other, { onProgress: tamper(change, other) }),
      /history: \d+ in both, but not the same ones/,
    )

    const counted = memoryStore()
    const take = (transaction: Transaction) => void transaction.takeNumbers(1)
    await assert.rejects(copy(from, counted, { onProgress: tamper(take, from) }), /Something was changed/)
  })

  test('a store that somebody else has open, or that cannot be copied, is refused', async () => {
    const from = memoryStore()
    const { records, ...without } = memoryStore()
    await assert.rejects(copy(from, without), /A store of kind memory cannot be copied/)
    const used = { ...without, records: { ...records, others: async () => '2 running servers' } } as Store
    await assert.rejects(copy(used, from), /The source is in use by 2 running servers\. Stop what uses it first/)
    await assert.rejects(copy(from, used), /The target is in use by 2 running servers/)
  })
})

test('a digest depends on what records hold, not on their order or that of their fields', () => {
  const digest = (...records: object[]) => {
    const made = new Digest()
    for (const record of records) made.add(record)
    return made.hash
  }
  const [a, b] = [messageRecord({ serial: 1 }), queueRecord({ id: 2 })]
  assert.equal(digest(a, b), digest(b, Object.fromEntries(Object.entries(a).reverse())))
  assert.notEqual(digest(a, a), digest(b, b))
  assert.notEqual(digest(a), digest(a, a))
  assert.notEqual(digest(a), digest({ ...a, body: Buffer.from('x') }))
  assert.notEqual(digest({ x: '1' }), digest({ x: 1 }))
  assert.equal(digest({ x: 1, y: undefined }), digest({ x: 1 }))
  assert.match(digest(), /^0{64}$/)
})

const history = {
  serial: 0,
  sentAt: 1,
  queueId: 1,
  outcome: 'deleted',
  finishedAt: 2,
  firstReceivedAt: null,
  receiveCount: 0,
  reprocessCount: 0,
  detail: null,
} as const
