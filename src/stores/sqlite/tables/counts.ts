import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { type Counts, counters, noCounts } from '../../../core/queue.ts'
import { Generations } from '../../sql/generations.ts'
import { MultiInsert, Select } from '../database.ts'

const cachedGroups = 40_000

interface Changed {
  readonly groupId: number
  readonly counts: Counts
}

/** The counts of groups, added up in memory and written once a transaction. */
export class GroupCounts {
  readonly #select: Select<Counts>
  readonly #put: MultiInsert<Changed>
  readonly #remove: StatementSync
  readonly #changed = new Map<number, Counts>()
  readonly #cache = new Generations<number, Counts>(cachedGroups)

  constructor(database: DatabaseSync) {
    this.#select = new Select(database, `SELECT ${counters.join(', ')} FROM group_count WHERE group_id = ?`, (row) => {
      const counts = noCounts()
      for (const [index, name] of counters.entries()) counts[name] = row[index] as number
      return counts
    })
    this.#put = new MultiInsert(database, 'INSERT OR REPLACE INTO group_count', ['group_id', ...counters], bindChanged)
    this.#remove = database.prepare('DELETE FROM group_count WHERE group_id = ?')
  }

  /** A copy: the caller's to keep. */
  get(groupId: number): Counts {
    return { ...this.#current(groupId) }
  }

  add(groupId: number, difference: Partial<Counts>): void {
    const counts = this.#current(groupId)
    for (const name in difference) {
      const key = name as keyof Counts
      counts[key] += difference[key] ?? 0
    }
    this.#changed.set(groupId, counts)
  }

  remove(groupId: number): void {
    this.#changed.delete(groupId)
    this.#cache.delete(groupId)
    this.#remove.run(groupId)
  }

  flush(): void {
    if (this.#changed.size === 0) return
    const changed: Changed[] = []
    for (const [groupId, counts] of this.#changed) changed.push({ groupId, counts })
    this.#changed.clear()
    this.#put.run(changed)
  }

  forget(): void {
    this.#changed.clear()
    this.#cache.clear()
  }

  #current(groupId: number): Counts {
    // What is changed may have left the cache again, in a transaction over very many groups.
    let counts = this.#changed.get(groupId) ?? this.#cache.get(groupId)
    if (!counts) {
      counts = this.#select.one(groupId) ?? noCounts()
      this.#cache.set(groupId, counts)
    }
    return counts
  }
}

const bindChanged = ({ groupId, counts }: Changed, into: SQLInputValue[]): void => {
  into.push(groupId)
  for (const name of counters) into.push(counts[name])
}
