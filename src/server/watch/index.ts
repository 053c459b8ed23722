import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { IdentityService } from '../../core/identity/create-identity.ts'
import type { EngineObserver } from '../../core/observer.ts'
import type { PushControl } from '../../core/push-control.ts'
import type { WatchApi } from '../../protocols/native/index.ts'
import { WatchHub } from './hub.ts'
import { QueueReadings } from './readings.ts'
import { SeriesRecorder } from './series/recorder.ts'

export interface WatchOptions {
  readonly engine: QueueEngine
  readonly identity: IdentityService
  readonly clock: Clock
  readonly push: Pick<PushControl, 'list'>
  /** Queues that are recorded over time. */
  readonly queues: number
  readonly onError: (error: unknown) => void
}

export interface Watch extends WatchApi {
  stop(): Promise<void>
}

/** What the engine tells before there is anyone to tell: the engine is made first. */
export class LateObserver implements EngineObserver {
  #observer: EngineObserver | undefined

  become(observer: EngineObserver): void {
    this.#observer = observer
  }
  committed: EngineObserver['committed'] = (commit) => this.#observer?.committed(commit)
  verb: EngineObserver['verb'] = (event) => this.#observer?.verb(event)
  waiting: EngineObserver['waiting'] = (change) => this.#observer?.waiting(change)
  waited = (event: Parameters<NonNullable<EngineObserver['waited']>>[0]): void => this.#observer?.waited?.(event)
}

/** Tells each of several observers. */
export const everyObserver = (...observers: readonly Partial<EngineObserver>[]): EngineObserver => ({
  committed: (commit) => {
    for (const observer of observers) observer.committed?.(commit)
  },
  storeFailed: (failure) => {
    for (const observer of observers) observer.storeFailed?.(failure)
  },
  verb: (event) => {
    for (const observer of observers) observer.verb?.(event)
  },
  waiting: (change) => {
    for (const observer of observers) observer.waiting?.(change)
  },
  waited: (event) => {
    for (const observer of observers) observer.waited?.(event)
  },
})

export const startWatch = (
  { engine, identity, clock, push, queues, onError }: WatchOptions,
  observer: LateObserver,
): Watch => {
  const readings = new QueueReadings({ engine, clock, listAccounts: identity.listAccounts })
  const hub = new WatchHub({ engine, clock, readings, push, process: randomUUID(), onError })
  const node = `${hostname()} (${process.pid})`
  const recorder = new SeriesRecorder({ engine, clock, readings, queues, node, onError })
  const follow: Pick<EngineObserver, 'verb'> = {
    verb: ({ account, queue, messages }) => messages > 0 && hub.note(account, queue),
  }
  observer.become({ ...recorder.observer, ...follow })
  recorder.start()
  return {
    watch: (watching) => hub.watch(watching),
    series: (query) => recorder.series(query),
    async stop() {
      hub.stop()
      await recorder.stop()
    },
  }
}
