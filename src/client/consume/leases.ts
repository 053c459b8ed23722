import { MillraceError } from '../error.ts'
import type { Runtime } from '../runtime.ts'
import type { Settled } from '../types/message.ts'

/** A message whose lease is kept up. */
export interface Leased {
  readonly settled: boolean
  extend(visibilityTimeoutMs: number): Promise<Settled>
  /** Its lease has ended, or somebody else has it. */
  lose(error: MillraceError): void
}

interface Lease {
  /** By our own clock, counted from when the answer came in. */
  endsAt: number
  renewing: boolean
}

/** Refusals that say the lease is gone for good. */
const lost: ReadonlySet<string> = new Set([
  'LeaseLost',
  'MessageNotFound',
  'ReceiptHandleInvalid',
  'QueueNotFound',
  'GroupNotFound',
])

/**
 * Renews leases when half of their time is over, many in one request. A failed renewal is tried again until the lease
 * has ended; then the message is lost.
 */
export class Leases<Of extends Leased> {
  readonly #durationMs: number
  readonly #runtime: Runtime
  readonly #onError: (error: unknown, message: Of) => void
  readonly #leases = new Map<Of, Lease>()
  #cancelTick: (() => void) | undefined
  #ending = false

  constructor(durationMs: number, runtime: Runtime, onError: (error: unknown, message: Of) => void) {
    this.#durationMs = durationMs
    this.#runtime = runtime
    this.#onError = onError
  }

  keep(message: Of): void {
    this.#leases.set(message, { endsAt: this.#runtime.now() + this.#durationMs, renewing: false })
    this.#arm()
  }

  /** No longer ours to renew. */
  drop(message: Of): void {
    this.#leases.delete(message)
    if (this.#ending) this.end()
  }

  /** No more will come: with the last one that is dropped the timer stops too, so that it keeps no process alive. */
  end(): void {
    this.#ending = true
    if (this.#leases.size > 0) return
    this.#cancelTick?.()
    this.#cancelTick = undefined
  }

  /** One timer for all: it looks at every lease eight times in its life, for as long as there are any. */
  #arm(): void {
    this.#cancelTick ??= this.#runtime.after(this.#durationMs / 8, this.#tick)
  }

  readonly #tick = (): void => {
    this.#cancelTick = undefined
    const now = this.#runtime.now()
    for (const [message, lease] of this.#leases) {
      if (message.settled) this.#leases.delete(message)
      else if (lease.endsAt <= now) this.#lose(message, ended())
      else if (!lease.renewing && lease.endsAt - now <= this.#durationMs / 2) void this.#renew(message, lease)
    }
    if (this.#leases.size > 0) this.#arm()
  }

  async #renew(message: Of, lease: Lease): Promise<void> {
    const startedAt = this.#runtime.now()
    lease.renewing = true
    try {
      await message.extend(this.#durationMs)
      lease.endsAt = startedAt + this.#durationMs
    } catch (error) {
      // Settled meanwhile: that there is no lease any more is as it should be.
      if (message.settled || this.#leases.get(message) !== lease) return
      this.#onError(error, message)
      if (error instanceof MillraceError && lost.has(error.code)) this.#lose(message, error)
    } finally {
      lease.renewing = false
    }
  }

  #lose(message: Of, error: MillraceError): void {
    this.#leases.delete(message)
    message.lose(error)
  }
}

const ended = (): MillraceError =>
  new MillraceError('LeaseLost', 'The lease has ended, since it could not be renewed in time.')
