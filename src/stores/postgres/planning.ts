import type { Statement } from './flight.ts'

/**
 * Statistics of queues are always wrong: full a moment ago, empty now. With indexes and nested loops only there is one plan for
 * each statement, the right one. For this transaction alone, so a pooler may give the connection to somebody else afterwards.
 */
export const planning: Statement = {
  text: `SELECT ${['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin', 'sort']
    .map((what) => `set_config('enable_${what}', 'off', true)`)
    .join(', ')}, set_config('jit', 'off', true)`,
}

/**
 * Whether the server looks for every element of an array where the index has other columns before the one that is compared with it. Older servers may read
 * through all that those columns leave instead, a queue of millions, since statistics say that it is empty. `version`: as `server_version_num`.
 */
export const looksForEach = (version: number): boolean => version >= 170_000
