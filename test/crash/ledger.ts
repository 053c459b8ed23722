import assert from 'node:assert/strict'
import type { Stored } from './api.ts'

/** A message as the server acknowledged it. */
export interface Entry {
  readonly id: string
  readonly content: Content
  /** What is known of its delivery. */
  state: 'ready' | 'delayed' | 'leased' | 'deleted'
  type: 'Q' | 'D'
  receiveCount: number
  reprocessCount: number
  visibleAt: number | null
  /** A request about it was under way when the server was killed: it may be as it was, or as asked. */
  uncertain: boolean
}

export interface Content {
  readonly body?: unknown
  readonly text?: string
  readonly base64?: string
  readonly attributes?: unknown
  readonly priority: number
  readonly deduplicationId?: string
}

/** All that was acknowledged, to be held against what is there after a kill. */
export class Ledger {
  readonly entries = new Map<string, Entry>()

  /** Checks every acknowledged fact, and takes over what was left open. */
  settle(found: ReadonlyMap<string, Stored>): { checked: number; open: number } {
    let open = 0
    for (const [id, entry] of this.entries) {
      const stored = found.get(id)
      if (entry.uncertain) {
        open++
        if (stored) checkContent(entry, stored)
        this.#adopt(entry, stored)
      } else if (entry.state === 'deleted') {
        assert.equal(stored, undefined, `${id} was deleted, and is there again`)
        this.entries.delete(id)
      } else {
        assert.ok(stored, `${id} was acknowledged, and is gone`)
        checkContent(entry, stored)
        checkDelivery(entry, stored)
      }
    }
    return { checked: this.entries.size, open }
  }

  /** Messages of sends whose answer was lost are there or not; those that are there count from now on. */
  adopt(found: ReadonlyMap<string, Stored>): void {
    for (const [id, stored] of found) {
      if (this.entries.has(id)) continue
      const { body, text, base64, attributes, priority = 0 } = stored
      const entry: Entry = {
        id,
        content: {
          ...(body === undefined ? {} : { body }),
          ...(text === undefined ? {} : { text }),
          ...(base64 === undefined ? {} : { base64 }),
          ...(attributes === undefined ? {} : { attributes }),
          priority,
        },
        ...deliveryOf(stored),
        uncertain: false,
      }
      this.entries.set(id, entry)
    }
  }

  #adopt(entry: Entry, stored: Stored | undefined): void {
    if (stored) Object.assign(entry, deliveryOf(stored), { uncertain: false })
    else this.entries.delete(entry.id)
  }
}

const deliveryOf = (stored: Stored) => ({
  state: stored.state as Entry['state'],
  type: stored.type as Entry['type'],
  receiveCount: stored.receiveCount,
  reprocessCount: stored.reprocessCount,
  visibleAt: stored.visibleAt ?? null,
})

const checkContent = ({ id, content }: Entry, stored: Stored): void => {
  const { deduplicationId: _id, ...expected } = content
  const { body, text, base64, attributes, priority = 0 } = stored
  const actual = { body, text, base64, attributes, priority }
  for (const [name, value] of Object.entries(expected)) {
    assert.deepEqual(actual[name as keyof typeof actual], value, `${name} of ${id}`)
  }
}

const checkDelivery = (entry: Entry, stored: Stored): void => {
  const { id, state, type, receiveCount, reprocessCount, visibleAt } = entry
  assert.deepEqual({ id, ...deliveryOf(stored) }, { id, state, type, receiveCount, reprocessCount, visibleAt })
}
