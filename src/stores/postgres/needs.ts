import type { ScanQuery, SearchQuery } from '../../core/store.ts'

/** What a run of units asked for that was not loaded. */
export class Needs {
  readonly queueNames = new Map<string, { readonly account: string; readonly name: string }>()
  readonly queueIds = new Set<number>()
  /** Queues to have for this transaction alone; has to come before everything else. */
  readonly locks = new Set<number>()
  readonly groups = new Set<number>()
  readonly items = new Map<string, { readonly groupId: number; readonly position: number }>()
  readonly messages = new Set<number>()
  readonly counts = new Set<number>()
  readonly days = new Map<string, { readonly groupId: number; readonly day: number }>()
  /** By group: how many. */
  readonly ready = new Map<number, number>()
  readonly messageGroups = new Map<
    string,
    { readonly groupId: number; readonly messageGroup: string; readonly limit: number }
  >()
  readonly deduplications = new Map<string, { readonly groupId: number; readonly key: string }>()
  readonly marks = new Set<number>()
  readonly history = new Set<number>()
  readonly steps = new Map<string, { readonly queueId: number; readonly serial: number }>()
  readonly documents = new Map<string, { readonly collection: string; readonly key: string }>()
  /** By the range's key. */
  readonly ranges = new Map<string, RangeNeed>()
  /** Positions that are asked for, each time so many in a row. */
  readonly positions: number[] = []
  numbers = 0
  groupIds = 0
  /** Cached queues that were relied on and have to be what they were. */
  readonly unverified = new Set<number>()

  get isEmpty(): boolean {
    return this.isOnlyProof && this.unverified.size === 0
  }

  get isOnlyProof(): boolean {
    return (
      this.queueNames.size +
        this.queueIds.size +
        this.locks.size +
        this.groups.size +
        this.items.size +
        this.messages.size +
        this.counts.size +
        this.days.size +
        this.ready.size +
        this.messageGroups.size +
        this.deduplications.size +
        this.marks.size +
        this.history.size +
        this.documents.size +
        this.steps.size +
        this.ranges.size +
        this.positions.length +
        this.numbers +
        this.groupIds ===
      0
    )
  }
}

/** Rows of a table in an order, at most so many. */
export type RangeNeed =
  | {
      readonly of: 'queues'
      readonly account: string
      readonly prefix: string
      readonly after: string | undefined
      readonly limit: number
    }
  | { readonly of: 'all-queues'; readonly afterId: number; readonly limit: number }
  | { readonly of: 'group'; readonly groupId: number; readonly limit: number }
  | { readonly of: 'scan'; readonly groupId: number; readonly query: ScanQuery; readonly limit: number }
  | { readonly of: 'types'; readonly groupId: number; readonly query: SearchQuery; readonly limit: number }
  | { readonly of: 'search'; readonly groupId: number; readonly query: SearchQuery; readonly limit: number }
  | { readonly of: 'queue-steps'; readonly queueId: number; readonly after: number; readonly limit: number }
  | { readonly of: 'old-days'; readonly before: number; readonly limit: number }
  | { readonly of: 'claimed'; readonly claimId: string; readonly limit: number }
  | { readonly of: 'due'; readonly now: number; readonly limit: number }
  | { readonly of: 'expired-deduplications'; readonly now: number; readonly limit: number }
  | { readonly of: 'group-deduplications'; readonly groupId: number; readonly limit: number }
  | { readonly of: 'due-marks'; readonly now: number; readonly limit: number }
  | { readonly of: 'old-history'; readonly sentBefore: number; readonly limit: number }
  | {
      readonly of: 'documents'
      readonly collection: string
      readonly prefix: string
      readonly after: string | undefined
      readonly limit: number
    }
  | { readonly of: 'expired-documents'; readonly now: number; readonly limit: number }
