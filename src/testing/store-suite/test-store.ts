import { describe, test } from 'node:test'
import type { Store } from '../../core/store.ts'
import { allRecords, allRecordsOverReopen } from './all-records.ts'
import { atomicity } from './atomicity.ts'
import { claimsAndDue } from './claims-and-due.ts'
import { concurrency } from './concurrency.ts'
import { counts } from './counts.ts'
import { deduplications } from './deduplications.ts'
import { deliveries } from './deliveries.ts'
import { documents } from './documents.ts'
import { durability, fidelity } from './durability.ts'
import { messageGroups } from './message-groups.ts'
import { messages } from './messages.ts'
import { nextDue, nextDueOverReopen } from './next-due.ts'
import { numbers, numbersOverReopen } from './numbers.ts'
import { prefetches } from './prefetches.ts'
import { queuePaging } from './queue-paging.ts'
import { queues } from './queues.ts'
import { ready } from './ready.ts'
import { retentionAndHistory } from './retention-and-history.ts'
import { scan } from './scan.ts'
import { runSequence } from './sequences.ts'
import { severalAtOnce } from './several-at-once.ts'
import { subjectOf, type Topic } from './topic.ts'

export interface StoreSuite {
  readonly name: string
  /** Gives a store that is fresh and empty, and shares nothing with those given before. */
  open(): Store | Promise<Store>
  /** Closes the store and opens another one over the same data. Without it, what needs it is left out. */
  reopen?(store: Store): Store | Promise<Store>
  /** Another node over the data of this store, which stays open. */
  another?(store: Store): Promise<Store>
  /** Tests to leave out, by their names, with the reason. */
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[]
  /** How many random sequences are compared with a model; 300 unless told. */
  readonly sequences?: number
  /** The seed of the first random sequence, to see one again: each following one has the next. Random unless told. */
  readonly seed?: number
}

const topics: readonly Topic[] = [
  queues,
  queuePaging,
  counts,
  messages,
  deliveries,
  ready,
  messageGroups,
  scan,
  claimsAndDue,
  deduplications,
  retentionAndHistory,
  documents,
  numbers,
  numbersOverReopen,
  atomicity,
  prefetches,
  severalAtOnce,
  concurrency,
  nextDue,
  nextDueOverReopen,
  fidelity,
  durability,
  allRecords,
  allRecordsOverReopen,
]

/** Registers the tests, with `node:test`, that hold a store to the contract of `Store`. */
export const testStore = (suite: StoreSuite): void => {
  const skipped = new Map(suite.skip?.flatMap(({ reason, tests }) => tests.map((name) => [name, reason] as const)))
  /** How node:test is told to leave out a test. */
  const skip = (name: string, needsReopen = false) => {
    const reason = skipped.get(name) ?? (needsReopen && !suite.reopen ? 'the store cannot be reopened' : undefined)
    skipped.delete(name)
    return reason === undefined ? {} : { skip: reason }
  }

  describe(`store ${suite.name}`, () => {
    for (const topic of topics) {
      describe(topic.name, () => {
        for (const [name, check] of Object.entries(topic.checks)) {
          test(name, skip(name, topic.needsReopen), async (context) => {
            await using subject = await open(suite)
            if (topic.needsRecords && !subject.store.records) return context.skip('the store cannot be copied')
            await check(subject)
          })
        }
      })
    }
    testSequences(suite, skip)
  })
  if (skipped.size > 0) throw new Error(`no test of the suite is called: ${[...skipped.keys()].join(', ')}`)
}

const testSequences = (suite: StoreSuite, skip: (name: string) => { skip?: string }): void => {
  const { sequences = 300, seed = Date.now() % 2 ** 31 } = suite
  const name = 'random sequences of operations show what a model of the contract shows'
  test(name, skip(name), async (context) => {
    context.diagnostic(`${sequences} sequences from seed ${seed}`)
    for (let i = 0; i < sequences; i++) {
      await using subject = await open(suite)
      const otherNode = await suite.another?.(subject.store)
      await runSequence(subject, seed + i, { canReopen: suite.reopen !== undefined, otherNode })
        .catch((error: unknown) => {
          throw new Error(`replay with testStore({ …, seed: ${seed + i}, sequences: 1 })`, { cause: error })
        })
        .finally(() => otherNode?.close())
    }
  })
}

const open = async (suite: StoreSuite) => {
  const subject = subjectOf(await suite.open(), suite.reopen)
  return Object.assign(subject, { [Symbol.asyncDispose]: () => subject.store.close() })
}
