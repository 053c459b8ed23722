import type { DatabaseSync } from 'node:sqlite'
import { Select } from './database.ts'
import { closeDatabase, openUnmigrated } from './open.ts'

/** What SQLite itself finds wrong with the file's structure; empty: nothing. Reads the whole file. */
export const findDamage = (database: DatabaseSync): string[] => {
  const lines = new Select(database, 'PRAGMA integrity_check(20)', (row) => row[0] as string).all()
  return lines.length === 1 && lines[0] === 'ok' ? [] : lines
}

/** What should hold between records, whatever version wrote them, as a query that counts the exceptions. */
const rules: readonly { readonly problem: string; readonly exceptions: string }[] = [
  {
    problem: 'deliveries without their message',
    exceptions: `SELECT count(*) FROM delivery d WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.serial = d.serial)`,
  },
  {
    problem: 'messages without a delivery',
    exceptions: `SELECT count(*) FROM message m WHERE NOT EXISTS (
      SELECT 1 FROM queue_group g JOIN delivery d ON d.group_id = g.id AND d.position = m.position
      WHERE g.queue_id = m.queue_id AND d.serial = m.serial)
      AND NOT EXISTS (SELECT 1 FROM queue_group g JOIN delivery d ON d.group_id = g.id AND d.position = m.position
      WHERE g.kind = 'discarded' AND d.serial = m.serial)`,
  },
  {
    problem: 'groups without a queue',
    exceptions: `SELECT count(*) FROM queue_group g WHERE g.kind <> 'discarded'
      AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.id = g.queue_id)`,
  },
  {
    problem: 'groups whose count of ready messages is wrong',
    exceptions: `SELECT count(*) FROM group_count c WHERE c.ready <> (
      SELECT count(*) FROM delivery d WHERE d.group_id = c.group_id AND d.state = 0)`,
  },
]

/** For `millrace doctor`: everything that is wrong with a store that nobody has open, in sentences. Reads all of it, and changes nothing. */
export const checkIntegrity = (file: string): string[] => {
  const database = openUnmigrated(file, { pageCacheBytes: 64 * 2 ** 20 })
  try {
    const damage = findDamage(database)
    if (damage.length > 0) return damage
    return rules.flatMap(({ problem, exceptions }) => {
      const count = new Select(database, exceptions, (row) => row[0] as number).one() ?? 0
      return count > 0 ? [`${count} ${problem}`] : []
    })
  } finally {
    closeDatabase(database, file)
  }
}
