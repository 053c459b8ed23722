import type { Clock, Millis } from '../core/clock.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import { isRefusal } from '../core/errors.ts'
import type { PushTargetRecord } from '../core/operations/push-targets.ts'
import type { PushHealth } from '../core/push-control.ts'
import { openTarget } from '../core/push-secrets.ts'
import type { ReceivedMessage, SettleAction } from '../core/requests.ts'
import type { SecretBox } from '../core/secrets.ts'
import { Attempt, type Credentials } from './attempt.ts'
import type { Caller } from './call.ts'
import { Circuit } from './circuit.ts'
import type { PushForms } from './forms.ts'
import type { PushObserver } from './observer.ts'
import type { AttemptOutcome } from './outcome.ts'
import { Rate } from './rate.ts'
import { retryDelay } from './retries.ts'
import { Settlements } from './settlements.ts'
import { signerOf } from './signing.ts'

export interface TargetContext {
  readonly engine: QueueEngine
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  readonly caller: () => Promise<Caller>
  readonly forms: PushForms
  readonly secrets: SecretBox | undefined
  readonly observer: PushObserver | undefined
}

/** Beyond the time that a call may take, so that its end is written down before anybody else gets the message. */
const leaseMarginMs = 10_000
/** An idle target asks for messages so often. */
const waitMs = 600_000
const troubleMs = 1_000
/** A service that asks us to come later is left alone for so long at most; its message waits as long as it says. */
const longestHoldMs = 60_000

/** Calls one service for the messages of one group: leases what is due, a call for each, and settles by its outcome. */
export class Target {
  readonly #context: TargetContext
  readonly #circuit: Circuit
  readonly #rate = new Rate()
  readonly #settlements: Settlements
  /** Calls under way, and those whose ends are being written down. */
  readonly #attempts = new Set<Attempt>()
  #calling = 0
  #record: PushTargetRecord
  /** Undefined: they cannot be opened. */
  #credentials: Credentials | undefined
  #stopping = false
  #holdUntil: Millis = 0
  #receiving: AbortController | undefined
  #wake: () => void = () => {}
  #ended: Promise<void> | undefined

  #calls = 0
  #failures = 0
  #consecutiveFailures = 0
  #lastCallAt: Millis | null = null
  #lastError: PushHealth['lastError'] = null
  #latencyMs: number | null = null

  constructor(context: TargetContext, record: PushTargetRecord) {
    this.#context = context
    this.#record = record
    this.#circuit = new Circuit(context.random)
    this.#settlements = new Settlements(context.engine, context.clock, record)
    this.#applySettings()
  }

  start(): void {
    this.#ended = this.#run()
  }

  /** Its settings have changed; calls that are under way go on with the old ones. */
  update(record: PushTargetRecord): void {
    const urlChanged = record.target.url !== this.#record.target.url
    this.#record = record
    this.#applySettings()
    if (urlChanged) this.#circuit.reached()
    this.#receiving?.abort()
    this.#wake()
  }

  resume(): void {
    this.#circuit.resume(this.#context.clock.now())
    this.#holdUntil = 0
    this.#wake()
  }

  /** Takes no more. */
  stopTaking(): void {
    this.#stopping = true
    this.#receiving?.abort()
    this.#wake()
  }

  /** Resolves when no call is under way any more and all is settled. */
  async settled(): Promise<void> {
    await this.#ended
    await Promise.all([...this.#attempts].map(({ over }) => over))
  }

  /** Ends the calls under way: their messages go back. */
  cut(): void {
    for (const attempt of this.#attempts) attempt.cut()
  }

  get health(): PushHealth {
    const { account, queue, group, target } = this.#record
    const openUntil = this.#circuit.openUntil
    return {
      account,
      queue,
      group,
      url: target.url,
      state:
        openUntil !== undefined || !this.#credentials
          ? 'paused'
          : this.#consecutiveFailures > 0
            ? 'failing'
            : 'healthy',
      pausedUntil: openUntil ?? null,
      inFlight: this.#calling,
      calls: this.#calls,
      failures: this.#failures,
      consecutiveFailures: this.#consecutiveFailures,
      lastCallAt: this.#lastCallAt,
      lastError: this.#lastError,
      latencyMs: this.#latencyMs === null ? null : Math.round(this.#latencyMs),
    }
  }

  #applySettings(): void {
    const { account, target } = this.#record
    this.#rate.set(target.maxPerSecond, this.#context.clock.now())
    const opened = openTarget(this.#context.secrets, account, target)
    this.#credentials = opened && { headers: opened.headers, signer: signerOf(opened.signingSecrets) }
    if (!opened) this.#note('its headers or signing secrets were sealed with another server key; set them anew')
    if (!this.#context.forms[target.form]) this.#note(`there is no form '${target.form}' here`)
  }

  #note(reason: string): void {
    this.#lastError = { at: this.#context.clock.now(), reason }
  }

  // ---- taking messages --------------------------------------------------------------------------------------------

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const { room, at } = this.#room(this.#context.clock.now())
      if (room > 0) await this.#take(room)
      else await this.#pause(at)
    }
  }

  /** How many more messages may be taken; if none, from when on perhaps, unless a call ends before. */
  #room(now: Millis): { readonly room: number; readonly at?: Millis } {
    const { target, ordering } = this.#record
    const free = Math.min(target.concurrency - this.#calling, maxUnsettled - this.#attempts.size)
    if (free <= 0 || !this.#credentials || !this.#context.forms[target.form]) return { room: 0 }
    if (this.#holdUntil > now) return { room: 0, at: this.#holdUntil }
    const openUntil = this.#circuit.openUntil
    if (openUntil !== undefined) {
      if (openUntil > now) return { room: 0, at: openUntil }
      return { room: this.#calling === 0 ? 1 : 0 }
    }
    const allowed = this.#rate.allowed(now)
    if (allowed < 1) return { room: 0, at: this.#rate.nextAt(now) }
    // A receive of several would take a message and those that have to wait for it.
    return { room: ordering === 'unordered' ? Math.min(free, allowed, maxTaken) : 1 }
  }

  async #take(maxMessages: number): Promise<void> {
    const { engine, clock } = this.#context
    const { account, queue, group, target } = this.#record
    const receiving = new AbortController()
    this.#receiving = receiving
    const began = clock.now()
    try {
      const messages = await engine.receive({
        account,
        queue,
        group,
        maxMessages,
        visibilityTimeoutMs: target.timeoutMs + leaseMarginMs,
        waitMs,
        signal: receiving.signal,
        holder: 'push',
        uncounted: true,
      })
      this.#rate.take(messages.length)
      for (const message of messages) this.#begin(message)
      const wasShort = messages.length === 0 && clock.now() < began + troubleMs && !receiving.signal.aborted
      if (wasShort) await this.#pause(clock.now() + troubleMs)
    } catch (error) {
      if (isRefusal(error, 'ShuttingDown')) this.#stopping = true
      else await this.#pause(clock.now() + troubleMs)
    } finally {
      this.#receiving = undefined
    }
  }

  /** Until something changes, or a time. */
  #pause(at: Millis | undefined): Promise<void> {
    if (this.#stopping) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = at === undefined ? () => {} : this.#context.clock.callAt(at, () => this.#wake())
      this.#wake = () => {
        this.#wake = () => {}
        cancel()
        resolve()
      }
    })
  }

  // ---- calls ------------------------------------------------------------------------------------------------------

  #begin(message: ReceivedMessage): void {
    const { clock, caller, forms } = this.#context
    const form = forms[this.#record.target.form]
    const credentials = this.#credentials
    if (!form || !credentials) return
    this.#lastCallAt = clock.now()
    const attempt = new Attempt({ clock, caller, form, credentials, record: this.#record, message })
    this.#attempts.add(attempt)
    this.#calling++
    void attempt
      .run((outcome) => this.#conclude(message, outcome))
      .finally(() => {
        this.#attempts.delete(attempt)
        this.#wake()
      })
  }

  async #conclude(message: ReceivedMessage, outcome: AttemptOutcome): Promise<void> {
    const { clock, observer } = this.#context
    const now = clock.now()
    // The service is free for another: the next message is leased in the commit that writes down what became of this one.
    this.#calling--
    const action = this.#actionFor(message, outcome, now)
    this.#wake()
    // What waits for a message would take one to a service that is to be left alone.
    if (this.#circuit.openUntil !== undefined || this.#holdUntil > now) this.#receiving?.abort()
    if (outcome.kind !== 'cut') {
      this.#count(outcome, now)
      observer?.called({ outcome: outcome.kind, durationMs: outcome.durationMs, retried: action.do === 'release' })
    }
    const { startedAt, durationMs } = outcome
    const detail = {
      startedAt,
      durationMs,
      ...('status' in outcome ? { status: outcome.status, answer: outcome.answer } : {}),
    }
    const entry = { receiptHandle: message.receiptHandle ?? '', action, by: 'push', detail }
    await this.#settlements.settle(entry, message.leasedUntil ?? now)
  }

  #count(outcome: Exclude<AttemptOutcome, { kind: 'cut' }>, now: Millis): void {
    this.#calls++
    this.#latencyMs = this.#latencyMs === null ? outcome.durationMs : this.#latencyMs * 0.9 + outcome.durationMs * 0.1
    if (outcome.kind === 'accepted') {
      this.#consecutiveFailures = 0
      return
    }
    this.#failures++
    this.#consecutiveFailures++
    this.#lastError = { at: now, reason: outcome.reason }
  }

  /** What becomes of the message; what becomes of the service's circuit follows from it too. */
  #actionFor(message: ReceivedMessage, outcome: AttemptOutcome, now: Millis): SettleAction {
    switch (outcome.kind) {
      case 'cut':
        // It may have been handled, so it counts as an attempt.
        return { do: 'release', reason: 'the server stopped' }
      case 'accepted':
        this.#circuit.reached()
        return { do: 'finish', as: 'P' }
      case 'refused': {
        this.#circuit.reached()
        const { retryAfterMs: wait } = outcome
        if (wait !== undefined && (outcome.status === 429 || outcome.status === 503)) {
          this.#holdUntil = now + Math.min(wait, longestHoldMs)
        }
        const { status, answer } = outcome
        return this.#again(message, outcome.reason, { kind: 'status', status, answer }, wait)
      }
      case 'timeout':
        return this.#again(message, outcome.reason, { kind: 'timeout' })
      case 'connection': {
        const wasOpen = this.#circuit.openUntil !== undefined
        this.#circuit.notReached(now)
        // While the service counts as dead, a message that did not even reach it waits on as if it had not been tried.
        if (wasOpen && !outcome.reached) {
          return { do: 'release', failed: false, keepsStart: true, to: 'back', reason: outcome.reason }
        }
        return this.#again(message, outcome.reason, { kind: 'connection' })
      }
    }
  }

  #again(
    message: ReceivedMessage,
    reason: string,
    failure: NonNullable<(SettleAction & { do: 'fail' })['failure']>,
    waitMs = 0,
  ): SettleAction {
    const delayMs = retryDelay(this.#record.target, message.failures, this.#context.random)
    if (delayMs === undefined) return { do: 'fail', reason, failure }
    return { do: 'release', delayMs: Math.max(delayMs, waitMs), reason }
  }
}

/** Messages leased at once; each begins at once, too. */
const maxTaken = 500
/** Where the store is slower than the service, or in trouble, no more are called for. */
const maxUnsettled = 2_000
