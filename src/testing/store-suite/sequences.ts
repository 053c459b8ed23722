import assert from 'node:assert/strict'
import type { Store, Unit } from '../../core/store.ts'
import { memoryStore } from '../memory-store.ts'
import { seededRandom } from '../seeded-random.ts'
import { dumpInUnits } from './dump.ts'
import { randomStep, sequenceUniverse } from './random-steps.ts'
import type { Subject } from './topic.ts'

interface Round {
  readonly units: readonly Unit[]
  /** What each unit saw in its last run. */
  readonly seen: unknown[][]
}

/**
 * One random sequence of transactions, on the store and on a naive model of the contract: each step of each unit must
 * see the same on both, and so must a look at everything after each transaction. Where there is another node, each is done by one of the two.
 */
export const runSequence = async (
  subject: Subject,
  seed: number,
  { canReopen, otherNode }: { readonly canReopen: boolean; readonly otherNode?: Store | undefined },
): Promise<void> => {
  const model = memoryStore()
  const random = seededRandom(seed)
  const node = () => (otherNode && random.chance(1, 2) ? otherNode : subject.store)
  const rounds = 4 + random.below(10)
  for (let round = 0; round < rounds; round++) {
    const roundSeed = random.below(2 ** 32)
    const expected = await runRound(model, roundSeed)
    const actual = await runRound(node(), roundSeed)
    const where = `seed ${seed}, transaction ${round + 1}`
    expected.seen.forEach((steps, unit) => {
      steps.forEach((step, i) => {
        assert.deepEqual(actual.seen[unit]?.[i], step, `${where}, unit ${unit + 1}, step ${i + 1}`)
      })
    })
    assert.equal(actual.failed, expected.failed, `${where}: only one of store and model failed`)
    if (canReopen && random.chance(1, 6)) await subject.reopen()
    const shown = await dumpInUnits(node(), sequenceUniverse)
    assert.deepEqual(shown, await dumpInUnits(model, sequenceUniverse), `${where}, afterwards`)
  }
}

const runRound = async (store: Store, seed: number) => {
  const random = seededRandom(seed)
  const { units, seen } = unitsOf(random.below(2 ** 32))
  const failure = random.chance(1, 8) ? new Error(`on purpose ${seed}`) : undefined
  const at = random.below(units.length + 1)
  const run = () => {
    throw failure
  }
  try {
    await store.transact(failure ? units.toSpliced(at, 0, { run }) : units)
  } catch (error) {
    if (error !== failure) throw error
    // Whether the units after the one that failed were run is the store's affair.
    return { seen: seen.slice(0, at), failed: true }
  }
  return { seen, failed: false }
}

/** Every unit draws from a random of its own, made anew in each run, so that it can be run again. */
const unitsOf = (seed: number): Round => {
  const random = seededRandom(seed)
  const seen: unknown[][] = []
  const units = Array.from({ length: 1 + random.below(5) }, (_, index): Unit => {
    const unitSeed = random.below(2 ** 32)
    const steps = 1 + random.below(8)
    return {
      run(transaction) {
        const own = seededRandom(unitSeed)
        const shown: unknown[] = []
        seen[index] = shown
        for (let step = 0; step < steps; step++) shown.push(randomStep(transaction, own))
      },
    }
  })
  return { units, seen }
}
