import {
  type RecordKind,
  type RecordSlice,
  type RecordsByKind,
  type Store,
  StoreFailure,
  type StoreRecords,
  type Transaction,
} from '../store.ts'
import { Digest } from './digest.ts'
import { type CopyMark, isCopyMark, putMark, readMark, removeMark } from './mark.ts'
import { recordKinds } from './record-kinds.ts'
import { writeRecord } from './write.ts'

export interface CopyOptions {
  readonly from: Store
  readonly to: Store
  /** Where the source is, as `CopyMark.from`. */
  readonly source: string
  /** Drawn for this run; see `CopyMark.run`. */
  readonly run: string
  /** Put into the target besides, when the mark goes. */
  readonly atEnd?: readonly RecordsByKind['document'][]
  /** Called once everything is there and alike, before the mark goes. */
  readonly beforeEnd?: () => void
  /** Between two slices: the copying stops, to go on another time. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: CopyProgress) => void
}

export interface CopyProgress {
  readonly step: 'copying' | 'comparing'
  readonly done: number
  readonly total: number
  /** What the step is at. */
  readonly kind: RecordKind
}

export interface CopyResult {
  /** Records that an earlier run had brought over. */
  readonly resumedAt: number
  readonly kinds: readonly { readonly kind: RecordKind; readonly records: number; readonly hash: string }[]
}

/** Why there is no copying, or why it came to no good end; a sentence that says what to do. */
class CopyRefused extends Error {
  override readonly name = 'CopyRefused'
}

const slice = { limit: 500, maxBytes: 4 * 2 ** 20 }

/**
 * Copies everything that a store holds into one that is empty, or into which the copying has begun; then reads both
 * and compares them. Nobody else may be at work on either. The source is only read. Until the comparison has gone well the
 * target bears a mark (`mark.ts`), without which nothing could begin or go on. Throws `CopyRefused` and `StoreFailure`.
 */
export const copyStore = async (options: CopyOptions): Promise<CopyResult> => {
  const source = recordsOf(options.from)
  const target = recordsOf(options.to)
  await assertAlone(options)
  await assertWhole(options.from)
  const counters = await source.counters()
  let mark = await begin(options, target)
  const resumedAt = mark.records
  await target.raiseCounters(counters)

  const sizes = await countAll(source)
  const total = sizes.reduce((sum, { size }) => sum + size, 0)
  for (let kind = mark.kind; kind !== null; kind = mark.kind) {
    options.signal?.throwIfAborted()
    options.onProgress?.({ step: 'copying', done: mark.records, total: Math.max(total, mark.records), kind })
    const { records, next } = await source.read(kind, { after: mark.after, ...slice })
    const following = recordKinds[recordKinds.indexOf(kind) + 1] ?? null
    const kept = kind === 'document' ? records.filter((record) => !isCopyMark(record as never)) : records
    mark = await write(options.to, mark, kind, kept, {
      ...mark,
      kind: next === null ? following : kind,
      after: next,
      records: mark.records + kept.length,
    })
    await breathe(options.to)
  }
  const kinds = await compare(options, { source, target, total })
  const after = await source.counters()
  if (after.numbers !== counters.numbers || after.groupIds !== counters.groupIds) throw changed(options.source)
  options.beforeEnd?.()
  await finish(options, mark)
  return { resumedAt, kinds }
}

const recordsOf = ({ kind, records }: Store): StoreRecords => {
  if (!records) throw new CopyRefused(`A store of kind ${kind} cannot be copied.`)
  return records
}

const assertAlone = async ({ from, to }: CopyOptions): Promise<void> => {
  for (const [store, what] of [
    [from, 'source'],
    [to, 'target'],
  ] as const) {
    const others = await store.records?.others?.()
    if (others !== undefined) throw new CopyRefused(`The ${what} is in use by ${others}. Stop what uses it first.`)
  }
}

const assertWhole = async (from: Store): Promise<void> => {
  const mark = await inTransaction(from, readMark)
  if (!mark) return
  throw new CopyRefused(
    `The source is being copied into itself, from ${mark.from}, and is not whole yet. Bring that to its end first.`,
  )
}

/** Takes the target over: empty, or where an earlier run left it. */
const begin = async (options: CopyOptions, target: StoreRecords): Promise<CopyMark> => {
  const { to, source, run } = options
  const isEmpty = await holdsNothing(target)
  return inTransaction(to, (transaction) => {
    const before = readMark(transaction)
    if (!before && !isEmpty) {
      throw new CopyRefused('The target holds something already. Name one that is empty, or does not exist yet.')
    }
    if (before && before.from !== source) {
      throw new CopyRefused(
        `The target is being copied into from ${before.from}. Go on with that, or name a target that is empty.`,
      )
    }
    const mark: CopyMark = before
      ? { ...before, run }
      : { from: source, run, kind: recordKinds[0], after: null, records: 0 }
    putMark(transaction, mark)
    return mark
  })
}

const holdsNothing = async (target: StoreRecords): Promise<boolean> => {
  for (const kind of recordKinds) {
    const { records } = await target.read(kind, { after: null, limit: 1, maxBytes: 1 })
    if (records.length > 0) return false
  }
  return true
}

const write = async <Kind extends RecordKind>(
  to: Store,
  before: CopyMark,
  kind: Kind,
  records: readonly RecordsByKind[Kind][],
  after: CopyMark,
): Promise<CopyMark> => {
  await inTransaction(to, (transaction) => {
    assertMine(readMark(transaction), before)
    for (const record of records) writeRecord(transaction, kind, record)
    putMark(transaction, after)
  })
  return after
}

const assertMine = (found: CopyMark | undefined, expected: CopyMark): void => {
  if (found?.run === expected.run && found.records === expected.records) return
  throw new CopyRefused('Somebody else copies into the target as well. Let that come to its end.')
}

/** Lets the store keep house, and signals and timers through, which stores that answer at once would hold up. */
const breathe = async (store?: Store): Promise<void> => {
  store?.maintain?.()
  await new Promise((resolve) => setImmediate(resolve))
}

const countAll = (records: StoreRecords) =>
  Promise.all(recordKinds.map(async (kind) => ({ kind, size: await records.count(kind) })))

/** Reads both stores from beginning to end. */
const compare = async (
  { source: name, signal, onProgress }: CopyOptions,
  { source, target, total }: { source: StoreRecords; target: StoreRecords; total: number },
): Promise<CopyResult['kinds']> => {
  const kinds: { kind: RecordKind; records: number; hash: string }[] = []
  const differences: string[] = []
  let done = 0
  for (const kind of recordKinds) {
    const step = (records: number) => {
      done += records
      signal?.throwIfAborted()
      onProgress?.({ step: 'comparing', done, total: Math.max(2 * total, done), kind })
    }
    const here = await digestOf(source, kind, step)
    const there = await digestOf(target, kind, step)
    if (here.count !== there.count)
      differences.push(`${kind}: ${here.count} in the source, ${there.count} in the target`)
    else if (here.hash !== there.hash) differences.push(`${kind}: ${here.count} in both, but not the same ones`)
    kinds.push({ kind, records: here.count, hash: here.hash })
  }
  if (differences.length > 0) {
    throw new CopyRefused(`${differences.join('; ')}. ${changed(name).message}`)
  }
  return kinds
}

const changed = (source: string): CopyRefused =>
  new CopyRefused(
    `Something was changed in ${source} or in the target since the copying began, so the copy is of no use: stop whatever uses them, empty the target, and begin anew.`,
  )

const digestOf = async (
  records: StoreRecords,
  kind: RecordKind,
  step: (records: number) => void,
): Promise<{ count: number; hash: string }> => {
  const digest = new Digest()
  let after: string | null = null
  do {
    const found: RecordSlice<RecordsByKind[RecordKind]> = await records.read(kind, { after, ...slice })
    for (const record of found.records) {
      if (kind !== 'document' || !isCopyMark(record as never)) digest.add(record)
    }
    after = found.next
    step(found.records.length)
    await breathe()
  } while (after !== null)
  return digest
}

const finish = ({ to, atEnd = [] }: CopyOptions, mark: CopyMark): Promise<void> =>
  inTransaction(to, (transaction) => {
    assertMine(readMark(transaction), mark)
    for (const document of atEnd) transaction.putDocument(document)
    removeMark(transaction)
  })

const inTransaction = async <Value>(store: Store, run: (transaction: Transaction) => Value): Promise<Value> => {
  const results: Value[] = []
  await store.transact([
    {
      run(transaction) {
        results[0] = run(transaction)
      },
    },
  ])
  if (results.length === 0) throw new StoreFailure('The transaction did not run.', { safeToRetry: true })
  return results[0] as Value
}
