import type { Clock } from '../core/clock.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { PushTargetRecord } from '../core/operations/push-targets.ts'
import { pushRevision, pushTargetCollection } from '../core/operations/push-targets.ts'
import type { PushControl, PushHealth } from '../core/push-control.ts'
import type { SecretBox } from '../core/secrets.ts'
import type { Caller } from './call.ts'
import type { PushForms } from './forms.ts'
import { jsonBody } from './forms.ts'
import type { PushObserver } from './observer.ts'
import { Target, type TargetContext } from './target.ts'

export interface DispatcherOptions {
  readonly engine: QueueEngine
  readonly clock: Clock
  /** From 0 to 1; need not be unguessable. */
  readonly random: () => number
  /** Asked when there is a first message to be delivered. */
  readonly caller: () => Promise<Caller>
  /** Besides `json-body`. */
  readonly forms?: PushForms
  readonly secrets?: SecretBox | undefined
  readonly observer?: PushObserver
  /** Where other nodes work over the same data: how often to look for targets that came or went through them. */
  readonly lookEveryMs?: number
}

export interface Dispatcher extends PushControl {
  /** Takes no more messages, waits so long for calls that are under way, and hands back the messages of those that are not over then. */
  stop(graceMs: number): Promise<void>
}

/**
 * Calls services for messages: every target of the store, each with a receive of its own that waits. Any number of nodes do that side by side, and a
 * message is leased by one of them at a time.
 */
export const startDispatcher = (options: DispatcherOptions): Dispatcher => {
  const dispatcher = new PushDispatcher(options)
  dispatcher.start()
  return dispatcher
}

class PushDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions
  readonly #context: TargetContext
  readonly #targets = new Map<string, { readonly target: Target; readonly json: string }>()
  /** Those whose target is gone, and whose last calls are not over. */
  readonly #leaving = new Set<Target>()
  #caller: Promise<Caller> | undefined
  #revision: unknown
  #looking: Promise<void> | undefined
  #lookAgain = false
  #stopping = false
  #stopWatching = () => {}
  #cancelTimer = () => {}

  constructor(options: DispatcherOptions) {
    this.#options = options
    const { engine, clock, random, secrets, observer, forms } = options
    this.#context = {
      engine,
      clock,
      random,
      secrets,
      observer,
      forms: { 'json-body': jsonBody, ...forms },
      caller: () => {
        this.#caller ??= options.caller().catch((error: Error) => {
          this.#caller = undefined
          return callerWithout(error)
        })
        return this.#caller
      },
    }
  }

  start(): void {
    this.#stopWatching = this.#options.engine.watchPushTargets(() => this.#look())
    this.#look()
    this.#lookLater()
  }

  list({ account, queue }: { readonly account: string; readonly queue?: string }): PushHealth[] {
    return [...this.#targets.values()]
      .map(({ target }) => target.health)
      .filter((health) => health.account === account && (queue === undefined || health.queue === queue))
  }

  resume({ account, queue, group = 'default' }: Parameters<PushControl['resume']>[0]): boolean {
    for (const { target } of this.#targets.values()) {
      const { health } = target
      if (health.account !== account || health.queue !== queue || health.group !== group) continue
      target.resume()
      return true
    }
    return false
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    this.#stopWatching()
    this.#cancelTimer()
    await this.#looking
    const targets = [...[...this.#targets.values()].map(({ target }) => target), ...this.#leaving]
    for (const target of targets) target.stopTaking()
    const { clock } = this.#options
    const cancel = clock.callAt(
      clock.now() + graceMs,
      () => {
        for (const target of targets) target.cut()
      },
      { keepAlive: true },
    )
    await Promise.all(targets.map((target) => target.settled()))
    cancel()
    await (await this.#caller)?.close()
  }

  // ---- which targets there are ------------------------------------------------------------------------------------

  #lookLater(): void {
    const { clock, lookEveryMs } = this.#options
    if (lookEveryMs === undefined || this.#stopping) return
    this.#cancelTimer = clock.callAt(clock.now() + lookEveryMs, () => {
      this.#look()
      this.#lookLater()
    })
  }

  #look(): void {
    if (this.#stopping) return
    if (this.#looking) {
      this.#lookAgain = true
      return
    }
    this.#looking = this.#lookNow()
      // The store is in trouble: what there was goes on, and a while later it is asked again.
      .catch(() => {
        const { clock } = this.#options
        clock.callAt(clock.now() + troubleMs, () => this.#look())
      })
      .finally(() => {
        this.#looking = undefined
        if (!this.#lookAgain) return
        this.#lookAgain = false
        this.#look()
      })
  }

  async #lookNow(): Promise<void> {
    const { engine } = this.#options
    const revision = (await engine.getDocument(pushRevision.collection, pushRevision.key))?.value
    if (revision === this.#revision) return
    const found = new Map<string, PushTargetRecord>()
    let after: string | undefined
    while (true) {
      const query = { collection: pushTargetCollection, limit: pageSize }
      const page = await engine.listDocuments(after === undefined ? query : { ...query, after })
      for (const { key, value } of page) found.set(key, value as PushTargetRecord)
      after = page.at(-1)?.key
      if (page.length < pageSize) break
    }
    if (this.#stopping) return
    for (const [key, { target }] of this.#targets) if (!found.has(key)) this.#end(key, target)
    for (const [key, record] of found) this.#keep(key, record)
    this.#revision = revision
  }

  #keep(key: string, record: PushTargetRecord): void {
    const json = JSON.stringify(record)
    const known = this.#targets.get(key)
    if (known?.json === json) return
    const target = known?.target ?? new Target(this.#context, record)
    this.#targets.set(key, { target, json })
    if (known) target.update(record)
    else target.start()
  }

  #end(key: string, target: Target): void {
    this.#targets.delete(key)
    this.#leaving.add(target)
    target.stopTaking()
    void target.settled().finally(() => this.#leaving.delete(target))
  }
}

/** Nothing could be called, and so nothing came to a service; the next call tries to get one again. */
const callerWithout = ({ message }: Error): Caller => ({
  call: async () => ({ error: `calls cannot be made: ${message}`, reached: false }),
  close: async () => {},
})

const pageSize = 1000
const troubleMs = 1000
