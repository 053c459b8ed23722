/**
 * Work that goes on in slices, so that no request waits for it: written down in the store in the same step that makes it
 * necessary, and taken up again after a restart.
 */
import type { History, WaitingCounts } from '../queue.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'

const workCollection = 'background-work'

export type Work =
  /** Remove what is left of groups that no queue has any more, in this order. */
  | { readonly kind: 'discard'; readonly groups: readonly DiscardedGroup[] }
  /** Give a new consumer group the messages that were there before it. */
  | { readonly kind: 'backfill'; readonly queueId: number; readonly groupId: number }
  /** Take from a group what its tag rule keeps out, of what it was given before it had one. */
  | {
      readonly kind: 'tag-rule'
      readonly queueId: number
      readonly groupId: number
      readonly cursor: number
      readonly lastPosition: number
      /** What has not been looked at yet, as it was when the rule came; absent in work that an older version wrote down. */
      readonly unchecked?: WaitingCounts
    }
  /** Move messages, as the task with this key says. */
  | { readonly kind: 'redrive'; readonly task: string }
  /** Do what an operator asked for to messages that match, as the task with this key says. */
  | { readonly kind: 'operate'; readonly task: string }
  /** Forget steps whose queue keeps them no longer, or whose message is gone; those up to the serial `after` were looked at. */
  | { readonly kind: 'forget-steps'; readonly queueId: number; readonly after?: number }

export interface DiscardedGroup {
  readonly groupId: number
  readonly queueId: number
  /** Whether its messages end with it, unless one of `heldBy` still has them. */
  readonly ownsMessages: boolean
  readonly heldBy: readonly number[]
  /** Of dead letters: the subscribers, who keep messages for themselves after the end. Absent in work of an older version. */
  readonly leftTo?: readonly number[]
  readonly history: History
  /** Of a subscriber: how its messages ended was said before, and only what it did with them since is added. Absent in work of an older version. */
  readonly addsToHistory?: boolean
}

/** What a slice of work leaves: nothing, more to do at once, or more to do at some time. */
export type SliceResult = { readonly done: true } | { readonly done: false; readonly continueAt?: number }

export const addWork = (step: Step, work: Work): void => {
  step.writes++
  step.after.backgroundWork = true
  const key = step.tx.takeNumbers(1).toString().padStart(16, '0')
  step.tx.putDocument({ collection: workCollection, key, value: work, expiresAt: null })
}

export const replaceWork = (step: Step, document: StoredDocument, work: Work): void => {
  step.writes++
  step.tx.putDocument({ ...document, value: work })
}

export const removeWork = (step: Step, document: StoredDocument): void => {
  step.writes++
  step.tx.removeDocument(workCollection, document.key)
}

/** All of it; there is little at a time. */
export const pendingWork = (step: Step): StoredDocument[] =>
  step.tx.documents({ collection: workCollection, limit: 1000 })
