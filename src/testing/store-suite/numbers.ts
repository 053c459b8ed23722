import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import type { Subject, Topic } from './topic.ts'

/** Remembers every number and group id that a store gives, and complains of the second time. */
class Seen {
  readonly #given = new Set<number>()
  #highest = 0

  /** Of a transaction that failed, so that only its numbers matter and not their order. */
  addLost(first: number, count: number): void {
    assert.ok(Number.isSafeInteger(first) && first > 0 && first + count <= 2 ** 48, `${first} is out of range`)
    for (let number = first; number < first + count; number++) {
      assert.ok(!this.#given.has(number), `${number} was given twice`)
      this.#given.add(number)
    }
  }

  add(first: number, count: number): void {
    this.addLost(first, count)
    assert.ok(first > this.#highest, `${first} came after ${this.#highest}`)
    this.#highest = first + count - 1
  }
}

const take = async ({ read }: Subject, seen: Seen, count: number) => {
  const first = await read((transaction) => {
    const number = transaction.takeNumbers(count)
    // A transaction that writes nothing else may not be one at all.
    transaction.putDocument({ collection: 'numbers', key: 'last', value: number, expiresAt: null })
    return number
  })
  seen.add(first, count)
}

const failing = async ({ store }: Subject, run: (transaction: Transaction) => void) => {
  const failure = new Error('on purpose')
  const unit = {
    run(transaction: Transaction) {
      run(transaction)
      throw failure
    },
  }
  await assert.rejects(store.transact([unit]), failure)
}

const takeOverFailures = async (subject: Subject, seen: Seen) => {
  for (let i = 0; i < 5; i++) {
    let lost: number[] = []
    await failing(subject, (transaction) => {
      lost = [transaction.takeNumbers(3), transaction.takeNumbers(1)]
    })
    seen.addLost(lost[0] ?? 0, 3)
    seen.addLost(lost[1] ?? 0, 1)
    await take(subject, seen, 2)
  }
}

export const numbers: Topic = {
  name: 'numbers',
  checks: {
    'rise and never repeat, within a unit, over units and over transactions': async (subject) => {
      const seen = new Seen()
      for (let round = 0; round < 5; round++) {
        let given: (readonly [number, number])[][] = []
        const takeSome = (unit: number) => (transaction: Transaction) => {
          given[unit] = [1, 1, 10, 1_000, 1].map((count) => [transaction.takeNumbers(count), count])
          transaction.putDocument({ collection: 'numbers', key: `unit ${unit}`, value: round, expiresAt: null })
        }
        given = []
        await subject.write(takeSome(0), takeSome(1), takeSome(2))
        for (const [first, count] of given.flat()) seen.add(first, count)
      }
    },

    'do not repeat after a transaction that failed': (subject) => takeOverFailures(subject, new Seen()),

    'group ids are numbers of their own below 2^30, and never repeat': async (subject) => {
      const seen = new Set<number>()
      const add = (id: number) => {
        assert.ok(Number.isInteger(id) && id > 0 && id < 2 ** 30, `${id} is out of range`)
        assert.ok(!seen.has(id), `${id} was given twice`)
        seen.add(id)
      }
      for (let i = 0; i < 5; i++) {
        let lost = 0
        await failing(subject, (transaction) => {
          lost = transaction.takeGroupId()
        })
        add(lost)
        const pair = await subject.read((transaction) => [transaction.takeGroupId(), transaction.takeGroupId()])
        for (const id of pair) add(id)
      }
    },
  },
}

export const numbersOverReopen: Topic = {
  name: 'numbers over a reopen',
  needsReopen: true,
  checks: {
    'do not repeat, and go on rising': async (subject) => {
      const seen = new Seen()
      for (let i = 0; i < 4; i++) {
        await take(subject, seen, i * 333 + 1)
        await takeOverFailures(subject, seen)
        await subject.reopen()
      }
    },

    'group ids do not repeat either': async (subject) => {
      const seen = new Set<number>()
      for (let i = 0; i < 4; i++) {
        const id = await subject.read((transaction) => {
          const taken = transaction.takeGroupId()
          transaction.putDocument({ collection: 'numbers', key: 'group', value: taken, expiresAt: null })
          return taken
        })
        assert.ok(!seen.has(id), `${id} was given twice`)
        seen.add(id)
        await subject.reopen()
      }
    },
  },
}
