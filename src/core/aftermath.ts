import type { ObservedVerb } from './observer.ts'
import type { GroupRecord, QueueRecord } from './queue.ts'

interface Held {
  readonly queue: QueueRecord
  readonly group: GroupRecord
  readonly holder: string
  readonly difference: -1 | 0 | 1
}

/** What a unit of work wants done after its commit. */
export class Aftermath {
  /** How many deliveries became ready, less those that ceased to be, by group. */
  readied: Map<number, { readonly queue: QueueRecord; readonly group: GroupRecord; count: number }> | undefined
  /** Queues that came, went or changed: whoever waits there has to look again. */
  changedQueues: Set<string> | undefined
  /** What happened by itself, for an observer. */
  events: ObservedVerb[] | undefined
  /** How many messages more or fewer are in the hands of those who gave a name. 0: a lease was renewed. */
  held: Held[] | undefined
  /** Work that goes on in slices was written down. */
  backgroundWork = false
  /** Services to be called for messages came, went or changed. */
  pushTargets = false

  countReady(queue: QueueRecord, group: GroupRecord, difference: 1 | -1): void {
    if (group.kind === 'retained') return
    this.readied ??= new Map()
    const known = this.readied.get(group.id)
    if (known) known.count += difference
    else this.readied.set(group.id, { queue, group, count: difference })
  }

  /** What another unit of the same commit wants done, too. */
  add(other: Aftermath): void {
    this.backgroundWork ||= other.backgroundWork
    this.pushTargets ||= other.pushTargets
    for (const key of other.changedQueues ?? []) this.queueChanged(key)
    if (other.held) this.held = [...(this.held ?? []), ...other.held]
    if (other.events) this.events = [...(this.events ?? []), ...other.events]
    if (!other.readied) return
    this.readied ??= new Map()
    for (const [groupId, { queue, group, count }] of other.readied) {
      const known = this.readied.get(groupId)
      if (known) known.count += count
      else this.readied.set(groupId, { queue, group, count })
    }
  }

  hold(queue: QueueRecord, group: GroupRecord, holder: string, difference: Held['difference']): void {
    this.held ??= []
    this.held.push({ queue, group, holder, difference })
  }

  queueChanged(key: string): void {
    this.changedQueues ??= new Set()
    this.changedQueues.add(key)
  }
}
