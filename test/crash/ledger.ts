/** What the server has said yes to, and what it may have done without saying so. */
import assert from 'node:assert/strict'

/** A message as it was sent: its body in base64, which no two messages share. */
export interface Sent {
  readonly base64: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly priority: number
  readonly delayMs: number
  readonly messageGroup?: string
  readonly deduplicationId?: string
}

export interface SendRequest {
  readonly queue: string
  readonly key: string
  readonly messages: readonly Sent[]
}

/** What was asked for when the server was killed. `from` and `to`: between these times it may have been done. */
export interface Doubt {
  readonly action: Action
  readonly handle: string
  readonly from: number
  to: number
}

export type Action =
  | { readonly do: 'delete' }
  | { readonly do: 'extend'; readonly visibilityTimeoutMs: number }
  | { readonly do: 'release' }
  | { readonly do: 'reprocess'; readonly delayMs: number }

export interface Entry {
  readonly id: string
  readonly queue: string
  readonly sent: Sent
  readonly sentAt: number
  readonly position: number
  isGone: boolean
  receives: number
  reprocesses: number
  /** The latest lease that was acknowledged and not settled; `handle` is null when its answer was lost. */
  lease: { readonly handle: string | null; readonly until: number } | null
  /** Delayed by its sender (Q) or its worker (D) until then. */
  hidden: { readonly type: 'Q' | 'D'; readonly until: number } | null
  doubt: Doubt | null
}

/** A message as the server shows it. */
export interface Stored {
  readonly id: string
  readonly position: number
  readonly base64: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly priority: number
  readonly sentAt: number
  readonly messageGroup?: string
  readonly deduplicationId?: string
  readonly type: string
  readonly state: string
  readonly visibleAt?: number
  readonly receiveCount: number
  readonly reprocessCount: number
}

/** Received, as far as the ledger looks at it. */
export interface Received extends Stored {
  readonly receiptHandle: string
  readonly leasedUntil: number
}

export class Ledger {
  readonly entries = new Map<string, Entry>()
  /** Deduplication ids that are taken, by queue and id, with the message that took them. */
  readonly reservations = new Map<string, { readonly queue: string; readonly sent: Sent; readonly id: string }>()
  /** Sends and receives that were under way when the server was killed. */
  readonly lostSends: SendRequest[] = []
  readonly lostReceives = new Map<string, number>()

  live(queue?: string): Entry[] {
    return [...this.entries.values()].filter((entry) => !entry.isGone && (queue ?? entry.queue) === entry.queue)
  }

  sent(request: SendRequest, answers: readonly { id: string; position: number; sentAt: number; duplicate: boolean }[]) {
    assert.equal(answers.length, request.messages.length)
    request.messages.forEach((sent, index) => {
      const { id, position, sentAt, duplicate } = answers[index]!
      const key = `${request.queue} ${sent.deduplicationId}`
      const known = sent.deduplicationId === undefined ? undefined : this.reservations.get(key)
      if (duplicate) {
        assert.ok(known && known.id === id, `${key} was answered as a duplicate of ${id}, not of ${known?.id}`)
        return
      }
      assert.equal(known, undefined, `${key} was stored again as ${id}`)
      this.add(request.queue, sent, { id, position, sentAt })
    })
  }

  add(queue: string, sent: Sent, { id, position, sentAt }: { id: string; position: number; sentAt: number }): Entry {
    assert.equal(this.entries.has(id), false, `${id} was given twice`)
    const entry: Entry = {
      id,
      queue,
      sent,
      sentAt,
      position,
      isGone: false,
      receives: 0,
      reprocesses: 0,
      lease: null,
      hidden: sent.delayMs > 0 ? { type: 'Q', until: sentAt + sent.delayMs } : null,
      doubt: null,
    }
    this.entries.set(id, entry)
    const { deduplicationId } = sent
    if (deduplicationId !== undefined) this.reservations.set(`${queue} ${deduplicationId}`, { queue, sent, id })
    return entry
  }

  /** Undefined: the send of it has not been answered yet. */
  received(message: Received): Entry | undefined {
    const entry = this.entries.get(message.id)
    if (!entry) return undefined
    assert.equal(entry.isGone, false, `${entry.id} was received though it was deleted`)
    checkContent(entry, message)
    // Answers of different connections overtake each other; each receive has a number of its own.
    assert.notEqual(message.receiveCount, entry.receives, `${entry.id} was received twice as number ${entry.receives}`)
    if (message.receiveCount < entry.receives) return undefined
    entry.receives = message.receiveCount
    entry.reprocesses = message.reprocessCount
    entry.lease = { handle: message.receiptHandle, until: message.leasedUntil }
    entry.hidden = null
    return entry
  }

  /** A settlement was answered: done, or `false` for a lease that had been lost. */
  settled(
    entry: Entry,
    handle: string,
    action: Action,
    result: { ok: boolean; changed?: boolean; visibleAt?: number | null; reprocessCount?: number },
  ): void {
    entry.doubt = null
    if (!result.ok) return
    if (action.do === 'delete') {
      entry.isGone = true
      return
    }
    // Somebody else has it by now.
    if (entry.lease?.handle !== handle) return
    const until = result.visibleAt ?? 0
    if (action.do === 'extend') {
      entry.lease = { handle, until }
      return
    }
    entry.lease = null
    if (action.do !== 'reprocess') return
    entry.reprocesses = result.reprocessCount ?? -1
    entry.hidden = { type: 'D', until }
  }
}

export const checkContent = ({ id, sent, sentAt, position }: Entry, stored: Stored): void => {
  assert.equal(stored.base64, sent.base64, `body of ${id}`)
  assert.equal(JSON.stringify(stored.attributes), JSON.stringify(sent.attributes), `attributes of ${id}`)
  assert.deepEqual(
    [stored.priority, stored.messageGroup, stored.deduplicationId, stored.sentAt, stored.position],
    [sent.priority, sent.messageGroup, sent.deduplicationId, sentAt, position],
    `message ${id}`,
  )
}
