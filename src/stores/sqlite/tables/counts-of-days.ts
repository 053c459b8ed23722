import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CountsOfDay } from '../../../core/queue.ts'
import { boundLimit, Select } from '../database.ts'

interface Changed extends CountsOfDay {
  readonly groupId: number
  readonly day: number
}

/** What became of the messages of groups day by day, added up in memory and written once a transaction. */
export class CountsOfDays {
  readonly #select: Select<CountsOfDay>
  readonly #add: StatementSync
  readonly #remove: StatementSync
  readonly #removeGroup: StatementSync
  /** By group: nearly always one day each. */
  readonly #changed = new Map<number, Changed>()

  constructor(database: DatabaseSync) {
    this.#select = new Select(
      database,
      'SELECT processed, errored, filtered FROM count_of_day WHERE group_id = ? AND day = ?',
      (row) => ({ processed: row[0] as number, errored: row[1] as number, filtered: row[2] as number }),
    )
    this.#add = database.prepare(
      `INSERT INTO count_of_day (group_id, day, processed, errored, filtered) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET processed = processed + excluded.processed,
         errored = errored + excluded.errored, filtered = filtered + excluded.filtered`,
    )
    this.#remove = database.prepare(
      `DELETE FROM count_of_day WHERE (group_id, day) IN (
         SELECT group_id, day FROM count_of_day INDEXED BY count_of_day_day WHERE day < ? LIMIT ${boundLimit})`,
    )
    this.#removeGroup = database.prepare('DELETE FROM count_of_day WHERE group_id = ?')
  }

  get(groupId: number, day: number): CountsOfDay {
    this.flush()
    return this.#select.one(groupId, day) ?? { processed: 0, errored: 0, filtered: 0 }
  }

  add(groupId: number, day: number, { processed = 0, errored = 0, filtered = 0 }: Partial<CountsOfDay>): void {
    let changed = this.#changed.get(groupId)
    if (changed?.day !== day) {
      if (changed) this.#write(changed)
      changed = { groupId, day, processed: 0, errored: 0, filtered: 0 }
      this.#changed.set(groupId, changed)
    }
    changed.processed += processed
    changed.errored += errored
    changed.filtered += filtered
  }

  removeBefore(day: number, limit: number): number {
    this.flush()
    return Number(this.#remove.run(day, limit).changes)
  }

  removeGroup(groupId: number): void {
    this.#changed.delete(groupId)
    this.#removeGroup.run(groupId)
  }

  flush(): void {
    for (const changed of this.#changed.values()) this.#write(changed)
    this.#changed.clear()
  }

  forget(): void {
    this.#changed.clear()
  }

  #write({ groupId, day, processed, errored, filtered }: Changed): void {
    this.#add.run(groupId, day, processed, errored, filtered)
  }
}
