import type { Clock } from '../../../core/clock.ts'
import type { QueueEngine } from '../../../core/engine-api.ts'
import type { EngineObserver } from '../../../core/observer.ts'
import { unfinished } from '../../../core/queue.ts'
import type { Series } from '../../../protocols/native/schemas/watch.ts'
import type { QueueReadings, Reading, Readings } from '../readings.ts'
import { Histogram } from './histogram.ts'
import { Ring } from './ring.ts'
import { type Column, columns, type Sample, type Span, spans, Track } from './track.ts'

export interface RecorderOptions {
  readonly engine: Pick<QueueEngine, 'listDocuments' | 'putDocument'>
  readonly clock: Clock
  readonly readings: QueueReadings
  /** Queues that are recorded; where there are more, the longest idle one makes room for one in which something happens. */
  readonly queues: number
  /** What people call this process. */
  readonly node: string
  readonly onError: (error: unknown) => void
}

const collection = 'series'
const tickMs = spans.hour.stepMs
const dayMs = 86_400_000

/** Keeps how queues went over time, in memory, and now and then a copy of the coarse part in the store. */
export class SeriesRecorder {
  readonly #options: RecorderOptions
  readonly #tracks = new Map<string, Track>()
  readonly #commits = { now: new Histogram(), day: new Histogram() }
  readonly #commitRings = {
    hour: new Ring({ ...spans.hour, width: 2 }),
    day: new Ring({ ...spans.day, width: 2 }),
  }
  /** The look before this one: where something has happened since is not idle. */
  #before: Readings | undefined
  #cancel: (() => void) | undefined
  #isStopped = false
  #ticking: Promise<void> = Promise.resolve()
  #savedAt = 0

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** For the engine. */
  readonly observer: EngineObserver = {
    committed: ({ durationMs, failed }) => {
      // In microseconds: most commits take less than a few milliseconds.
      if (!failed) this.#commits.now.add(durationMs * 1000)
    },
    verb() {},
    waiting() {},
    waited: ({ account, queue, waitsMs }) => {
      const track = this.#tracks.get(placeOf(account, queue))
      const sum = this.#tracks.get(placeOf(account, ''))
      for (const ms of waitsMs) {
        track?.waits.add(ms)
        sum?.waits.add(ms)
      }
    },
  }

  /** What an earlier process has stored comes back; then a look every ten seconds. */
  start(): void {
    this.#savedAt = this.#options.clock.now()
    this.#ticking = this.#load().catch(this.#options.onError)
    this.#arm(0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    await this.#ticking
    await this.#save({ fine: true }).catch(this.#options.onError)
  }

  series({ account, queue = '', span }: { account: string; queue?: string; span: Span }): Series | undefined {
    const track = this.#tracks.get(placeOf(account, queue))
    if (!track && queue !== '') return undefined
    const { stepMs, size } = spans[span]
    const until = Math.floor(this.#options.clock.now() / stepMs)
    const column = (name: Column) =>
      track ? track.rings[span].column(columns.indexOf(name), until) : new Array<null>(size).fill(null)
    return {
      from: (until - size + 1) * stepMs,
      stepMs,
      queued: column('queued'),
      delayed: column('delayed'),
      errored: column('errored'),
      in: column('in'),
      out: column('out'),
      oldestMs: column('oldestMs'),
      waitMs: column('waitMs'),
      wait95Ms: column('wait95Ms'),
      commitMs: this.#commitRings[span].column(0, until),
      commit99Ms: this.#commitRings[span].column(1, until),
      node: this.#options.node,
    }
  }

  #arm(afterMs: number): void {
    if (this.#isStopped) return
    const { clock, onError } = this.#options
    this.#cancel = clock.callAt(clock.now() + afterMs, () => {
      this.#ticking = this.#ticking
        .then(() => this.#tick())
        .catch(onError)
        .finally(() => this.#arm(tickMs))
    })
  }

  async #tick(): Promise<void> {
    const { readings, clock } = this.#options
    const read = await readings.read(tickMs / 2)
    const at = clock.now()
    for (const [account, queues] of read.accounts) {
      const before = this.#before?.accounts.get(account)
      const samples: Sample[] = []
      for (const [name, reading] of queues) {
        const sample = sampleOf(reading, at)
        samples.push(sample)
        this.#trackOf(placeOf(account, name), at, hasMoved(before?.get(name), reading))?.note(at, sample)
      }
      this.#trackOf(placeOf(account, ''), at, true)?.note(at, sumOf(samples))
    }
    this.#before = read
    this.#noteCommits(at)
    if (at - this.#savedAt >= spans.day.stepMs) await this.#save({ fine: false })
  }

  #noteCommits(at: number): void {
    const { now, day } = this.#commits
    const { hour: fine, day: coarse } = this.#commitRings
    const values = (of: Histogram) => [of.percentile(0.5) / 1000, of.percentile(0.99) / 1000]
    fine.put(Math.floor(at / fine.stepMs), values(now))
    day.addAll(now)
    now.clear()
    const step = Math.floor(at / coarse.stepMs)
    if (step === coarse.last) return
    coarse.put(step, values(day))
    day.clear()
  }

  /** Undefined when there is no room: all tracks are of queues that are in use, or this one is as idle as they are. */
  #trackOf(place: string, at: number, isActive: boolean): Track | undefined {
    const known = this.#tracks.get(place)
    if (known) return known
    if (this.#tracks.size >= this.#options.queues && !(isActive && this.#dropIdle(at))) return undefined
    const track = new Track()
    this.#tracks.set(place, track)
    return track
  }

  #dropIdle(at: number): boolean {
    let idlest: [string, number] | undefined
    for (const [place, { activeAt }] of this.#tracks) if (!idlest || activeAt < idlest[1]) idlest = [place, activeAt]
    if (!idlest || idlest[1] > at - idleMs) return false
    return this.#tracks.delete(idlest[0])
  }

  async #load(): Promise<void> {
    let after: string | undefined
    while (this.#tracks.size < this.#options.queues) {
      const query = { collection, limit: 20, ...(after !== undefined && { after }) }
      const documents = await this.#options.engine.listDocuments(query)
      for (const { key, value } of documents) {
        const { hour, day } = value as Stored
        const [account, queue] = JSON.parse(key) as [string, string]
        const track = new Track()
        if (hour) track.rings.hour.load(hour)
        track.rings.day.load(day)
        this.#tracks.set(placeOf(account, queue), track)
        after = key
      }
      if (documents.length < query.limit) return
    }
  }

  async #save({ fine }: { fine: boolean }): Promise<void> {
    const { clock, engine } = this.#options
    const now = clock.now()
    this.#savedAt = now
    for (const [place, track] of this.#tracks) {
      if (!track.isChanged) continue
      track.isChanged = false
      const [account = '', queue = ''] = partsOf(place)
      const { hour, day } = track.rings
      const value: Stored = { ...(fine && { hour: hour.save() }), day: day.save() }
      await engine.putDocument({ collection, key: keyOf(account, queue), value, expiresAt: now + dayMs })
    }
  }
}

/** A queue in which nothing has happened for so long gives way to another. */
const idleMs = 600_000

interface Stored {
  readonly hour?: { readonly last: number; readonly values: string }
  readonly day: { readonly last: number; readonly values: string }
}

/** No account's name has a line break. An empty name of a queue: all of them. */
const placeOf = (account: string, queue: string): string => `${account}\n${queue}`
const partsOf = (place: string): [string, string] => {
  const end = place.indexOf('\n')
  return [place.slice(0, end), place.slice(end + 1)]
}

/** Names of queues may hold what keys may not. */
const keyOf = (account: string, queue: string): string => JSON.stringify([account, queue])

/** Messages have come or gone. Of a queue that was not there before nothing is known. */
const hasMoved = (before: Reading | undefined, { counts }: Reading): boolean =>
  before !== undefined && (before.counts.done !== counts.done || unfinished(before.counts) !== unfinished(counts))

const sampleOf = ({ counts, oldestWaitingAt }: Reading, at: number): Sample => ({
  queued: counts.ready + counts.behind + counts.delayed + counts.leased,
  delayed: counts.reprocessing,
  errored: counts.errored,
  entered: unfinished(counts) + counts.done,
  done: counts.done,
  oldestMs: oldestWaitingAt === null ? 0 : Math.max(0, at - oldestWaitingAt),
})

const sumOf = (samples: readonly Sample[]): Sample => {
  const sum = { queued: 0, delayed: 0, errored: 0, entered: 0, done: 0, oldestMs: 0 }
  for (const sample of samples) {
    sum.queued += sample.queued
    sum.delayed += sample.delayed
    sum.errored += sample.errored
    sum.entered += sample.entered
    sum.done += sample.done
    sum.oldestMs = Math.max(sum.oldestMs, sample.oldestMs)
  }
  return sum
}
