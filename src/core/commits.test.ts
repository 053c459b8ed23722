import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultPlan } from '../testing/index.ts'
import { fakeClock, faultyStore, memoryStore, seededRandom } from '../testing/index.ts'
import { refusal } from '../testing/test-engine.ts'
import type { Phase } from './commits.ts'
import { Commits } from './commits.ts'
import { daysInUtc } from './days.ts'
import { Refusal } from './errors.ts'
import { defaultLimits } from './limits.ts'
import type { Step } from './step.ts'
import type { Store, Unit } from './store.ts'
import { Structures } from './structure/structures.ts'

const setUp = (
  faults: FaultPlan = () => undefined,
  concurrentTransactions = 1,
  before: (units: readonly Unit[]) => Promise<void> | undefined = () => undefined,
) => {
  const memory = memoryStore()
  const store: Store = {
    ...memory,
    concurrentTransactions,
    async transact(units) {
      await before(units)
      await memory.transact(units)
    },
  }
  const batches: string[][] = []
  let batch: string[] = []
  let broughtUpToDate = 0
  const commits = new Commits({
    store: faultyStore(store, faults),
    clock: fakeClock(),
    random: seededRandom(1),
    dayOf: daysInUtc,
    limits: defaultLimits,
    turn: setImmediate,
    observer: undefined,
    structures: new Structures(undefined),
    secrets: undefined,
    sendsMail: false,
    processDue: () => {
      broughtUpToDate++
    },
    committed() {
      batches.push(batch)
      batch = []
    },
  })
  const submit = (name: string, options: Partial<Options> = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const { phase = 'in-order', weight = 1, run, first = false } = options
      commits.submit(
        {
          phase,
          weight,
          run(step) {
            step.writes++
            step.tx.putDocument({ collection: 'ran', key: name, value: null, expiresAt: null })
            run?.(step)
            return name
          },
          done(outcome) {
            batch.push(name)
            if ('error' in outcome) reject(outcome.error)
            else resolve(outcome.value)
          },
        },
        { first },
      )
    })
  /** What was written. */
  const ran = async () => {
    const found: string[] = []
    await store.transact([
      { run: (tx) => found.push(...tx.documents({ collection: 'ran', limit: 99 }).map(({ key }) => key)) },
    ])
    return found.join(' ')
  }
  /** Something is due from now on. */
  const fallDue = () =>
    store.transact([
      { run: (tx) => tx.putDocument({ collection: 'due', key: 'x', value: null, expiresAt: fakeClock().now() }) },
    ])
  return { commits, submit, batches, ran, fallDue, broughtUpToDate: () => broughtUpToDate }
}

interface Options {
  phase: Phase
  weight: number
  first: boolean
  run: (step: Step) => void
}

test('all that arrives in one turn of the event loop is one commit', async () => {
  const { submit, batches } = setUp()
  await Promise.all([submit('a'), submit('b'), submit('c')])
  await submit('d')
  assert.deepEqual(batches, [['a', 'b', 'c'], ['d']])
})

test('settlements come before sends, sends before receives; everything else keeps its place among them', async () => {
  const { submit, batches } = setUp()
  const phases: [string, Phase][] = [
    ['r1', 'receive'],
    ['s1', 'send'],
    ['d1', 'settle'],
    ['purge', 'in-order'],
    ['r2', 'receive'],
    ['d2', 'settle'],
    ['s2', 'send'],
  ]
  await Promise.all(phases.map(([name, phase]) => submit(name, { phase })))
  assert.deepEqual(batches, [['d1', 's1', 'r1', 'purge', 'd2', 's2', 'r2']])
})

test('whoever has waited comes before the others of its phase', async () => {
  const { submit, batches } = setUp()
  await Promise.all([
    submit('r', { phase: 'receive' }),
    submit('waited', { phase: 'receive', first: true }),
    submit('s', { phase: 'send' }),
  ])
  assert.deepEqual(batches, [['s', 'waited', 'r']])
})

test('what weighs much is committed in parts, in order', async () => {
  const { submit, batches } = setUp()
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => submit(name, { weight: 1000 })))
  assert.deepEqual(batches, [
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('what only reads is apart from what may write where the store does several transactions at once, due work too', async () => {
  const transactions: string[] = []
  const { submit, fallDue } = setUp((_, units) => {
    transactions.push(units.map(({ onlyReads }) => (onlyReads ? 'view' : 'other')).join(' '))
    return undefined
  }, 2)
  const view = (name: string) => submit(name, { phase: 'view', run: () => {} })
  await Promise.all([submit('a'), view('v1'), submit('b'), view('v2')])
  assert.deepEqual(transactions.splice(0), ['view view', 'other other'])
  await fallDue()
  await view('v3')
  assert.deepEqual(transactions, ['other', 'view'])
})

test('where a store does one transaction after the other, what only reads keeps its place', async () => {
  const { submit, batches } = setUp()
  await Promise.all([submit('a'), submit('v', { phase: 'view' }), submit('b')])
  assert.deepEqual(batches, [['a', 'v', 'b']])
})

test('a verb that throws fails alone, and what it wrote is taken back', async () => {
  const { submit, ran } = setUp()
  const bug = new TypeError('a bug')
  const results = await Promise.allSettled([submit('a'), submit('b', { run: raise(bug) }), submit('c')])
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? result.reason : result.value)),
    ['a', bug, 'c'],
  )
  assert.equal(await ran(), 'a c')
})

test('a verb that is refused after it wrote is taken back, fails alone, and hears why', async () => {
  const { submit, ran } = setUp()
  const no = new Refusal('QueueNotFound', { queue: 'q' })
  const results = await Promise.allSettled([submit('a'), submit('b', { run: raise(no) }), submit('c')])
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? result.reason : result.value)),
    ['a', no, 'c'],
  )
  assert.equal(await ran(), 'a c')
})

test('a failure of the store is told to all in the commit; the next commit is tried again', async () => {
  const { submit, ran } = setUp((call) => (call === 1 ? 'before-commit' : call === 2 ? 'after-commit' : undefined))
  const fails = (name: string, retryable: boolean) =>
    assert.rejects(submit(name), refusal('StoreUnavailable', { retryable }))
  await Promise.all([fails('a', true), fails('b', true)])
  assert.equal(await ran(), '')
  await fails('c', false)
  assert.equal(await ran(), 'c', 'it may have been written')
  assert.equal(await submit('d'), 'd')
})

test('one verb failing does not hide that the store fails for its neighbours', async () => {
  const { submit, ran } = setUp((call) => (call === 2 ? 'before-run' : undefined))
  const bug = new TypeError('a bug')
  const results = await Promise.allSettled([submit('a'), submit('b', { run: raise(bug) }), submit('c')])
  assert.ok(results[0].status === 'rejected' && refusal('StoreUnavailable')(results[0].reason))
  assert.ok(results[1].status === 'rejected' && results[1].reason === bug)
  assert.equal(results[2].status, 'fulfilled')
  assert.equal(await ran(), 'c')
})

test('what falls due comes first in a commit, and once', async () => {
  const { submit, ran, fallDue, broughtUpToDate } = setUp()
  await submit('a')
  assert.equal(broughtUpToDate(), 0)
  await fallDue()
  await submit('b')
  assert.equal(broughtUpToDate(), 1)
  const seen: string[] = []
  const note = (name: string) => ({ run: () => void seen.push(name) })
  await Promise.all([
    submit('c', { phase: 'receive', ...note('c') }),
    submit('d', note('d')),
    submit('e', { phase: 'due', ...note('e') }),
  ])
  assert.deepEqual(seen, ['e', 'c', 'd'])
  assert.equal(broughtUpToDate(), 1, 'one of them did it')
  assert.equal(await ran(), 'a b c d e')
})

test('while a transaction sees to what is due, whoever looks waits for it, and a send does not', async () => {
  const gate = Promise.withResolvers<void>()
  let transactions = 0
  // The first is what falls due.
  const { submit, fallDue, broughtUpToDate } = setUp(undefined, 2, () =>
    ++transactions === 2 ? gate.promise : undefined,
  )
  await fallDue()
  const seen: string[] = []
  const note = (phase: Phase, name: string = phase) => submit(name, { phase, run: () => void seen.push(name) })
  const due = note('due')
  await new Promise(setImmediate)
  await note('send')
  assert.deepEqual(seen.splice(0), ['send'])
  assert.equal(broughtUpToDate(), 0, 'it is being done')
  const receive = note('receive')
  const settle = note('settle')
  await new Promise(setImmediate)
  assert.deepEqual(seen, [])
  gate.resolve()
  await Promise.all([due, receive, settle])
  assert.deepEqual(seen, ['due', 'settle', 'receive'])
})

test('it is idle when all that was submitted is over, and what that led to', async () => {
  const { commits, submit } = setUp()
  await commits.idle()
  let later = false
  const first = submit('a').then(() => submit('b').then(() => (later = true)))
  await commits.idle()
  assert.equal(later, true)
  await first
})

const raise = (error: Error) => () => {
  throw error
}
