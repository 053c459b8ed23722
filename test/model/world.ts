/** An engine and a model of it that are told the same, at random, and must say the same. */
import assert from 'node:assert/strict'
import { createEngine } from '../../src/core/engine.ts'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import { isRefusal } from '../../src/core/errors.ts'
import type { NewMessage } from '../../src/core/message.ts'
import type { QueueSettings, QueueSettingsPatch } from '../../src/core/queue.ts'
import type { HandleRule, ReceivedMessage, SettleAction, StoredMessage } from '../../src/core/requests.ts'
import { defaultSettings } from '../../src/core/settings.ts'
import type { Store } from '../../src/core/store.ts'
import { checkConsistency } from '../../src/testing/check-consistency.ts'
import { type FakeClock, fakeClock, type SeededRandom, seededRandom } from '../../src/testing/index.ts'
import { isBusy } from '../postgres/busy.ts'
import { Model, type ModelDelivery, type ModelGroup, type ModelQueue, orderingKey } from './model.ts'

export interface Subject {
  readonly name: string
  open(seed: number): Store | Promise<Store>
  /** Closes the store and opens it again over the same data. */
  reopen(store: Store): Store | Promise<Store>
  /** Makes every transaction fail, or none. */
  readonly fail?: (failing: boolean) => void
}

const account = 'a'
const second = 1_000
const day = 86_400 * second
const dayBeforeHistoryEnds = 6 * day

interface Handle {
  readonly queue: string
  readonly group: ModelGroup
  readonly position: number
  readonly handle: string
}

interface ModelClaim {
  readonly id: string
  readonly queue: string
  readonly group: ModelGroup
  expiresAt: number
}

/** What is asked of the engine, and what has to come of it. In one turn settlements come before sends, and those before receives. */
interface Operation {
  readonly said: string
  readonly phase: 'settle' | 'send' | 'receive' | 'in-order'
  readonly ask: () => Promise<unknown>
  /** Asks the model, in the order in which the engine does things. */
  readonly check: (answer: unknown) => void
}

/** Where to receive from. */
interface Place {
  readonly name: string
  readonly group: string
  readonly deadLetters: boolean
}

interface Refused {
  readonly refused: string
}

export class World {
  readonly #random: SeededRandom
  readonly #subject: Subject
  readonly #clock: FakeClock = fakeClock()
  readonly #model: Model
  readonly #log: string[] = []
  readonly #handles: Handle[] = []
  readonly #claims: ModelClaim[] = []
  readonly #ids: string[] = []
  readonly #seed: number
  readonly #start: number
  #store!: Store
  #engine!: QueueEngine
  #turns = 0
  #bodies = 0

  constructor(subject: Subject, seed: number) {
    this.#subject = subject
    this.#seed = seed
    this.#random = seededRandom(seed)
    this.#start = this.#clock.now()
    this.#model = new Model(this.#start, defaultSettings)
  }

  /** The last steps, for whoever has to find out what went wrong. */
  get log(): readonly string[] {
    return this.#log
  }

  async open(): Promise<void> {
    this.#store = await this.#subject.open(this.#seed)
    this.#startEngine()
    for (const [name, settings] of Object.entries(this.#queues())) {
      const { queue } = await this.#engine.createQueue({ account, queue: name, settings })
      this.#model.create(name, queue.settings, true)
      this.#log.push(`create ${name} ${JSON.stringify(settings)}`)
    }
    await this.#createGroup('topic', 'g')
  }

  async close(): Promise<void> {
    await this.#engine.stop()
    await this.#store.close()
  }

  #queues(): Record<string, QueueSettingsPatch> {
    const { pick } = this.#random
    return {
      dead: { retentionMs: pick([null, 600 * second]) },
      plain: {
        receiveLimit: pick([null, 1, 3]),
        deadLetterQueue: pick([null, 'dead']),
        deadLetterAt: pick(['lease-end', 'receive']),
        deadLetters: pick(['delete', 'group']),
        deadLetterRetentionMs: pick([null, 60 * second]),
        keepFinished: pick(['nothing', 'message']),
        keepProcessedMs: 20 * second,
        retentionMs: pick([100 * second, null]),
        delayMs: pick([0, 0, 500]),
      },
      lifo: { newestFirst: true, keepFinished: 'message', deduplicationWindowMs: 5 * second },
      fifo: {
        ordering: 'grouped',
        receiveLimit: pick([null, 2]),
        deadLetterQueue: pick([null, 'dead']),
        deadLetters: 'group',
        retentionMs: 300 * second,
      },
      strict: { ordering: 'ordered', keepFinished: pick(['nothing', 'message']) },
      topic: {
        consumerGroups: true,
        ordering: pick(['unordered', 'grouped']),
        receiveLimit: pick([null, 2]),
        deadLetters: pick(['delete', 'group']),
        deadLetterRetentionMs: pick([null, 200 * second]),
        retentionMs: 60 * second,
        delayMs: pick([0, 0, 2 * second]),
      },
    }
  }

  #startEngine(): void {
    this.#engine = createEngine({
      store: this.#store,
      clock: this.#clock,
      random: seededRandom(this.#random.below(2 ** 31)),
      turn: (run) => {
        this.#turns++
        setImmediate(() => {
          this.#turns--
          run()
        })
      },
    })
  }

  async #idle(): Promise<void> {
    const isQuiet = () => this.#turns === 0 && !isBusy(this.#store)
    for (let quiet = 0; quiet < 2; quiet = isQuiet() ? quiet + 1 : 0) await nextTurn()
  }

  // ---- steps ------------------------------------------------------------------------------------------------------

  async step(): Promise<void> {
    const { below, chance } = this.#random
    if (chance(1, 5)) await this.#advance()
    else if (chance(1, 60)) await this.#restart()
    else if (chance(1, 12)) await this.#run([this.#rare()])
    else await this.#run(Array.from({ length: 1 + below(4) }, () => this.#common()))
  }

  /** Whether all of the engine's queues are as the model says, and its counts as a look at everything says. */
  async compare(): Promise<void> {
    await this.#idle()
    await checkConsistency(this.#store)
    const { queues } = await this.#engine.listQueues({ account })
    const there = [...this.#model.queues.values()].filter((queue) => this.#model.isThere(queue))
    assert.deepEqual(queues.map(({ name }) => name).sort(), there.map(({ name }) => name).sort(), 'queues')
    await Promise.all(there.map((queue) => this.#compareQueue(queue)))
    const some = this.#ids.length > 0 ? [1, 2, 3].map(() => this.#random.pick(this.#ids)) : []
    await Promise.all(some.map((id) => this.#compareStatus(id)))
  }

  async #run(operations: readonly Operation[]): Promise<void> {
    const failing = this.#subject.fail !== undefined && this.#random.chance(1, 25)
    if (failing) this.#subject.fail?.(true)
    const asked = operations.map((operation) => ({
      operation,
      answer: operation.ask().catch((error: unknown): Refused => {
        if (!isRefusal(error)) throw error
        return { refused: error.code }
      }),
    }))
    for (const { said } of operations) this.#log.push(said)
    const answered: { operation: Operation; answer: unknown }[] = []
    for (const { operation, answer } of asked) answered.push({ operation, answer: await answer })
    if (failing) {
      this.#subject.fail?.(false)
      this.#log.push('  which fails')
      for (const { answer } of answered) assert.deepEqual(answer, { refused: 'StoreUnavailable' })
      return
    }
    for (const phase of ['settle', 'send', 'receive', 'in-order'] as const) {
      for (const { operation, answer } of answered) {
        if (operation.phase !== phase) continue
        const { refused } = (answer ?? {}) as Partial<Refused>
        this.#log.push(`  ${operation.said} => ${refused ?? summary(answer)}`)
        operation.check(answer)
      }
    }
    this.#model.due(this.#model.now)
    // Timers that are due already, as after a change of retention.
    this.#clock.advance(0)
    await this.#idle()
    await this.#learn()
  }

  #common(): Operation {
    const { below, pick } = this.#random
    const kind = below(20)
    if (kind < 6) return this.#send()
    if (kind < 11) return this.#receive()
    if (kind < 12) return this.#pop()
    if (kind < 13) return this.#claim()
    if (kind < 18) return this.#settle()
    return pick([this.#deleteMessages, this.#settle]).call(this)
  }

  #rare(): Operation {
    const { pick } = this.#random
    const rare = [
      this.#purge,
      this.#deleteQueue,
      this.#createQueue,
      this.#update,
      this.#update,
      this.#redrive,
      this.#redriveGroup,
      this.#changeGroups,
      this.#changeGroups,
      this.#renewClaim,
      this.#releaseClaim,
      this.#releaseClaim,
    ]
    return pick(rare).call(this)
  }

  async #advance(): Promise<void> {
    const { below, pick } = this.#random
    const next = this.#model.nextDue()
    const left = dayBeforeHistoryEnds - (this.#clock.now() - this.#start)
    const exactly = Number.isFinite(next) && next - this.#clock.now() < 600 * second ? next - this.#clock.now() : 50
    const ms = Math.min(left, pick([below(50), exactly, exactly - 1, 1 + below(3 * second), below(40 * second), 0]))
    const end = this.#clock.now() + Math.max(0, ms)
    this.#log.push(`advance ${ms} to +${end - this.#start}`)
    for (let at = this.#clock.nextCallAt(); at !== undefined && at <= end; at = this.#clock.nextCallAt()) {
      this.#clock.advanceTo(at)
      await this.#idle()
    }
    this.#clock.advanceTo(end)
    await this.#idle()
    for (let at = this.#model.nextDue(); at <= end; at = this.#model.nextDue())
      this.#model.due(Math.max(at, this.#model.now))
    this.#model.due(end)
    await this.#learn()
  }

  async #restart(): Promise<void> {
    const { below, chance } = this.#random
    await this.#engine.stop()
    this.#store = await this.#subject.reopen(this.#store)
    const left = dayBeforeHistoryEnds - (this.#clock.now() - this.#start)
    const ms = Math.max(0, Math.min(left, chance(1, 2) ? 0 : chance(1, 8) ? below(day) : below(20 * second)))
    this.#log.push(`restart after ${ms}`)
    this.#clock.advance(ms)
    this.#startEngine()
    this.#clock.advance(0)
    await this.#idle()
    this.#model.due(this.#clock.now())
    await this.#learn()
  }

  // ---- send -------------------------------------------------------------------------------------------------------

  #send(): Operation {
    const { below, chance, pick } = this.#random
    const name = pick(['plain', 'plain', 'lifo', 'fifo', 'fifo', 'strict', 'topic', 'v1', 'v2', 'dead'])
    const messages = Array.from({ length: 1 + below(4) }, (): NewMessage => {
      const isTopic = name === 'topic'
      return {
        body: new TextEncoder().encode(`m${++this.#bodies}`),
        ...(chance(1, 5) ? { delayMs: pick([0, 300, 2 * second, 30 * second]) } : {}),
        ...(chance(1, 3) ? { priority: below(3) - 1 } : {}),
        ...(chance(1, 6) ? { retentionMs: pick([1, 5 * second, 50 * second]) } : {}),
        ...(chance(2, 3) ? { messageGroup: pick(['x', 'y', 'z']) } : {}),
        ...(chance(1, 6) ? { deduplicationId: pick(['d1', 'd2', 'd3']) } : {}),
        ...(chance(1, 8) && !isTopic ? { receiveLimit: 1 + below(2) } : {}),
        ...(chance(1, 8) && !isTopic && name !== 'v2' ? { deadLetterQueue: 'v2' } : {}),
      }
    })
    return {
      said: `send ${name} ${messages.map((message) => JSON.stringify({ ...message, body: bodyText(message) })).join(' ')}`,
      phase: 'send',
      ask: () => this.#engine.send({ account, queue: name, messages }),
      check: (answer) => this.#checkSend(name, messages, answer),
    }
  }

  #checkSend(name: string, messages: readonly NewMessage[], answer: unknown): void {
    const model = this.#model
    const { maxMessages } = (model.queues.get(name)?.settings ?? defaultSettings) as QueueSettings
    const ids = messages.map(({ deduplicationId }) => deduplicationId)
    const stored = messages.filter(({ deduplicationId }, index) => {
      const queue = model.queues.get(name)
      const taken = queue !== undefined && model.reservedFor(queue, deduplicationId) !== undefined
      return deduplicationId === undefined || (!taken && ids.indexOf(deduplicationId) === index)
    })
    const held = model.queues.get(name)
    if (maxMessages !== null && held && model.stored(held) + stored.length > maxMessages) {
      assert.deepEqual(answer, { refused: 'QueueFull' })
      return
    }
    const sent = answer as Awaited<ReturnType<QueueEngine['send']>>
    assert.equal(sent.length, messages.length)
    const queue = model.queue(name)
    messages.forEach((message, index) => {
      const { id, position, sentAt, duplicate } = sent[index]!
      const earlier = model.reservedFor(queue, message.deduplicationId)
      assert.equal(duplicate, earlier !== undefined, `duplicate of ${message.deduplicationId}`)
      if (earlier !== undefined) {
        assert.equal(id, earlier)
        return
      }
      assert.equal(sentAt, model.now)
      this.#ids.push(id)
      const { priority = 0, messageGroup = null, deduplicationId, receiveLimit, deadLetterQueue } = message
      const delayMs = message.delayMs ?? queue.settings.delayMs
      const expiresAt = message.retentionMs === undefined ? null : model.now + message.retentionMs
      const limits = { deduplicationId, receiveLimit, deadLetterQueue }
      const body = bodyText(message)
      model.add(queue, { id, body, priority, messageGroup, sentAt, delayMs, expiresAt, ...limits }, position)
    })
  }

  // ---- receive ----------------------------------------------------------------------------------------------------

  #place(): Place {
    const { chance, pick } = this.#random
    const name = pick(['plain', 'plain', 'lifo', 'fifo', 'fifo', 'strict', 'topic', 'topic', 'v1', 'v2', 'dead'])
    const deadLetters = ['plain', 'fifo', 'topic'].includes(name) && chance(1, 5)
    const groups = [...(this.#model.queues.get(name)?.groups.keys() ?? [])]
    return { name, group: name === 'topic' ? pick(['g', ...groups]) : 'default', deadLetters }
  }

  #groupAt({ name, group, deadLetters }: Place): { queue: ModelQueue; group: ModelGroup } | undefined {
    const queue = this.#model.queues.get(name)
    const live = queue?.groups.get(group)
    const found = deadLetters ? live?.dead : live
    return queue && found ? { queue, group: found } : undefined
  }

  #receive(): Operation {
    const { below, chance, pick } = this.#random
    const place = this.#place()
    const maxMessages = pick([1, 1, 2, 3, 5, 10])
    const isOrdered = (this.#model.queues.get(place.name)?.settings ?? defaultSettings).ordering !== 'unordered'
    const visibilityTimeoutMs = pick([0, 1, 500, 5 * second, 5 * second, 60 * second, 60 * second])
    const limits = !isOrdered && place.name !== 'topic' && chance(1, 8) ? { receiveLimit: 1 + below(3) } : {}
    const named = place.name !== 'topic' && place.name !== 'v1' && chance(1, 10) ? { deadLetterQueue: 'v1' } : {}
    return {
      said: `receive ${JSON.stringify({ ...place, maxMessages, visibilityTimeoutMs, ...limits, ...named })}`,
      phase: 'receive',
      ask: () =>
        this.#engine.receive({
          account,
          queue: place.name,
          group: place.group,
          ...(place.deadLetters ? { deadLetters: true } : {}),
          maxMessages,
          visibilityTimeoutMs,
          waitMs: 0,
          ...limits,
          ...named,
        }),
      check: (answer) => {
        const terms = { ...limits, ...named }
        const until = this.#model.now + visibilityTimeoutMs
        for (const { delivery, message } of this.#checkTaken(place, maxMessages, terms, answer)) {
          this.#model.handOut(delivery, until, message.receiptHandle, null, terms)
          assert.equal(message.leasedUntil, until)
          this.#checkReceived(place, delivery, message)
          const { queue, group } = this.#groupAt(place)!
          const handle = message.receiptHandle ?? ''
          this.#handles.push({ queue: place.name, group, position: message.position, handle })
          if (visibilityTimeoutMs === 0) this.#model.endLease(queue, group, delivery)
        }
      },
    }
  }

  #pop(): Operation {
    const place = { ...this.#place(), deadLetters: false }
    const maxMessages = this.#random.pick([1, 3])
    return {
      said: `pop ${place.name} ${place.group} ${maxMessages}`,
      phase: 'receive',
      ask: () =>
        this.#engine.pop({ account, queue: place.name, group: place.group, maxMessages, waitMs: 0, ifMissing: 'wait' }),
      check: (answer) => {
        for (const { delivery, message } of this.#checkTaken(place, maxMessages, {}, answer)) {
          const { queue, group } = this.#groupAt(place)!
          this.#model.handOut(delivery, 0, null, null, {})
          this.#checkReceived(place, delivery, message)
          this.#model.end(queue, group, delivery, 'deleted')
        }
      },
    }
  }

  /** The messages handed out are the ones that should be, in an order that may be. */
  #checkTaken(
    place: Place,
    limit: number,
    limits: { receiveLimit?: number; deadLetterQueue?: string },
    answer: unknown,
  ): { delivery: ModelDelivery; message: ReceivedMessage }[] {
    const at = this.#groupAt(place)
    if (!at) {
      const isMissing = this.#model.queues.get(place.name) === undefined
      assert.deepEqual(answer, isMissing ? [] : { refused: 'GroupNotFound' })
      return []
    }
    const received = answer as readonly ReceivedMessage[]
    assert.ok(Array.isArray(received), `${place.name} answered ${JSON.stringify(answer)}`)
    const { queue, group } = at
    if (queue.settings.paused) {
      assert.deepEqual(received, [])
      return []
    }
    const taken =
      queue.settings.ordering === 'unordered'
        ? this.#model.take(queue, group, limit, limits)
        : this.#checkRuns(queue, group, limit, received)
    assert.deepEqual(
      received.map(({ id }) => id),
      taken.map(({ message }) => message.id),
      `messages received from ${place.name}`,
    )
    return taken.map((delivery, index) => ({ delivery, message: received[index]! }))
  }

  /** Ordered queues: each message group is drained from its head before the next one; which one comes next is free. */
  #checkRuns(
    queue: ModelQueue,
    group: ModelGroup,
    limit: number,
    received: readonly ReceivedMessage[],
  ): ModelDelivery[] {
    const runs = this.#model.runs(queue, group)
    const available = [...runs.values()].reduce((sum, run) => sum + run.length, 0)
    assert.equal(received.length, Math.min(limit, available), `messages received from ${queue.name}`)
    const taken: ModelDelivery[] = []
    while (taken.length < received.length) {
      const next = group.deliveries.find(({ message }) => message.id === received[taken.length]?.id)
      assert.ok(next, `${received[taken.length]?.id} is not in the group`)
      const run = runs.get(orderingKey(queue, next)) ?? []
      runs.delete(orderingKey(queue, next))
      assert.ok(run.length > 0, `${next.message.id} was not to be had`)
      taken.push(...run.slice(0, received.length - taken.length))
    }
    return taken
  }

  #checkReceived(place: Place, delivery: ModelDelivery, message: ReceivedMessage): void {
    learnPosition(this.#model, delivery, message.position)
    const { queue } = this.#groupAt(place)!
    assert.deepEqual(
      {
        body: new TextDecoder().decode(message.message.body),
        receives: message.receiveCount,
        reprocesses: message.reprocessCount,
        firstReceivedAt: message.firstReceivedAt,
        expiresAt: message.expiresAt,
        source: message.deadLetterSource?.queue ?? null,
      },
      {
        body: delivery.message.body,
        receives: delivery.receives,
        reprocesses: delivery.reprocesses,
        firstReceivedAt: delivery.firstReceivedAt,
        expiresAt: place.deadLetters ? delivery.expiresAt : this.#model.expiry(queue, delivery.message),
        source: delivery.source,
      },
      `message ${message.id}`,
    )
  }

  // ---- settle -----------------------------------------------------------------------------------------------------

  #settle(): Operation {
    const { below, chance, pick } = this.#random
    if (this.#handles.length === 0) return this.#send()
    const recent = this.#handles.slice(-12)
    const { queue: name } = pick(recent)
    const handles: HandleRule = pick(['leased', 'leased', 'latest', 'any'])
    const entries = Array.from({ length: 1 + below(3) }, () => pick(recent.filter(({ queue }) => queue === name))).map(
      (handle) => ({ handle, action: this.#action() }),
    )
    const isNonsense = chance(1, 20)
    return {
      said: `settle ${name} ${handles} ${entries.map(({ handle, action }) => `${handle.position} ${JSON.stringify(action)}`).join(', ')}`,
      phase: 'settle',
      ask: () =>
        this.#engine.settle({
          account,
          queue: isNonsense ? 'never' : name,
          handles,
          entries: entries.map(({ handle, action }) => ({ receiptHandle: handle.handle, action })),
        }),
      check: (answer) => {
        const queue = isNonsense ? undefined : this.#model.queues.get(name)
        if (!queue) {
          assert.deepEqual(answer, { refused: 'QueueNotFound' })
          return
        }
        const results = answer as Awaited<ReturnType<QueueEngine['settle']>>
        const got = results.map((result) =>
          result.ok ? (result.value.changed ? 'changed' : 'unchanged') : result.refusal.code,
        )
        const expected = entries.map(({ handle, action }) => this.#model.settle(queue, handle, action, handles))
        assert.deepEqual(got, expected, 'results of the settlement')
      },
    }
  }

  #action(): SettleAction {
    const { chance, pick } = this.#random
    return pick<SettleAction>([
      { do: 'delete' },
      { do: 'delete' },
      { do: 'extend', visibilityTimeoutMs: pick([0, 1, 3 * second, 30 * second]) },
      { do: 'release', ...(chance(1, 2) ? { to: 'back' } : {}) },
      { do: 'release', failed: false, ...(chance(1, 2) ? { delayMs: pick([0, second]) } : {}) },
      { do: 'reprocess', delayMs: pick([0, 700, 20 * second]) },
      { do: 'finish', as: pick(['P', 'E', 'F', 'S']) },
      { do: 'dead-letter' },
    ])
  }

  #deleteMessages(): Operation {
    const { below, chance, pick } = this.#random
    if (this.#ids.length === 0) return this.#send()
    const name = pick(['plain', 'fifo', 'topic', 'v1'])
    const ids = Array.from({ length: 1 + below(3) }, () => pick(this.#ids.slice(-30)))
    const claim = chance(1, 3) && this.#claims.length > 0 ? pick(this.#claims.slice(-3)).id : undefined
    const leased = pick(['anyway', 'refuse'] as const)
    return {
      said: `delete ${name} ${leased} ${claim} ${ids.join(' ')}`,
      phase: 'settle',
      ask: () =>
        this.#engine.deleteMessages({ account, queue: name, ids, leased, ...(claim === undefined ? {} : { claim }) }),
      check: (answer) => {
        const queue = this.#model.queues.get(name)
        const results = answer as Awaited<ReturnType<QueueEngine['deleteMessages']>>
        const got = results.map((result) => (result.ok ? result.value.changed : result.refusal.code))
        const expected = ids.map((id) => (queue ? this.#deleteOne(queue, id, leased, claim) : false))
        assert.deepEqual(got, expected, 'results of the deletion')
      },
    }
  }

  #deleteOne(queue: ModelQueue, id: string, leased: string, claim: string | undefined): boolean | string {
    const owner = queue.groups.get('default')?.deliveries.find(({ message }) => message.id === id)
    const isRetained = queue.retained.some(({ message }) => message.id === id)
    if (!owner && !isRetained) return false
    if (owner && this.#model.isExpired(queue, owner)) return false
    if (leased === 'refuse') {
      const isLeased = owner?.state === 'leased'
      if (claim === undefined && isLeased) return 'MessageLeased'
      if (claim !== undefined && !isLeased) return 'MessageNotClaimed'
      if (claim !== undefined && owner?.claim !== claim) return 'MessageLeased'
    }
    this.#model.endEverywhere(queue, id, 'deleted')
    return true
  }

  // ---- claims -----------------------------------------------------------------------------------------------------

  #claim(): Operation {
    const { pick } = this.#random
    const place = { ...this.#place(), deadLetters: false }
    const maxMessages = pick([1, 3])
    const ttlMs = pick([second, 20 * second])
    const graceMs = pick([0, 30 * second])
    return {
      said: `claim ${place.name} ${place.group} ${maxMessages} ${ttlMs} ${graceMs}`,
      phase: 'receive',
      ask: () => this.#engine.claim({ account, queue: place.name, group: place.group, maxMessages, ttlMs, graceMs }),
      check: (answer) => {
        const view = answer as Awaited<ReturnType<QueueEngine['claim']>> | Refused
        const messages = view === null ? [] : 'refused' in view ? view : view.messages
        const taken = this.#checkTaken(place, maxMessages, {}, messages)
        if (view === null || 'refused' in view) return
        const { queue, group } = this.#groupAt(place)!
        const expiresAt = this.#model.now + ttlMs
        for (const { delivery } of taken) {
          this.#model.outlive(queue, delivery.message, expiresAt + graceMs)
          this.#model.handOut(delivery, expiresAt, null, view.id, {})
        }
        this.#claims.push({ id: view.id, queue: place.name, group, expiresAt })
        this.#checkClaim(queue, group, view.id, view.messages)
      },
    }
  }

  #renewClaim(): Operation {
    const { pick } = this.#random
    if (this.#claims.length === 0) return this.#claim()
    const claim = pick(this.#claims.slice(-3))
    const ttlMs = pick([2 * second, 25 * second])
    const graceMs = pick([0, 40 * second])
    return {
      said: `renew claim ${claim.id} ${ttlMs} ${graceMs}`,
      phase: 'in-order',
      ask: () => this.#engine.renewClaim({ account, queue: claim.queue, claim: claim.id, ttlMs, graceMs }),
      check: (answer) => {
        const queue = this.#liveClaim(claim)
        if (!queue) {
          assert.deepEqual(answer, { refused: 'ClaimNotFound' })
          return
        }
        claim.expiresAt = this.#model.now + ttlMs
        for (const delivery of this.#under(claim)) {
          this.#model.outlive(queue, delivery.message, claim.expiresAt + graceMs)
          delivery.until = claim.expiresAt
        }
        this.#checkClaim(queue, claim.group, claim.id, (answer as { messages: readonly StoredMessage[] }).messages)
      },
    }
  }

  #releaseClaim(): Operation {
    if (this.#claims.length === 0) return this.#claim()
    const claim = this.#random.pick(this.#claims.slice(-3))
    return {
      said: `release claim ${claim.id}`,
      phase: 'in-order',
      ask: () => this.#engine.releaseClaim({ account, queue: claim.queue, claim: claim.id }),
      check: (answer) => {
        const queue = this.#liveClaim(claim)
        assert.deepEqual(answer, { released: queue !== undefined })
        if (!queue) return
        for (const delivery of this.#under(claim)) this.#model.endLease(queue, claim.group, delivery)
        claim.expiresAt = 0
      },
    }
  }

  #liveClaim(claim: ModelClaim): ModelQueue | undefined {
    const queue = this.#model.queues.get(claim.queue)
    return claim.expiresAt > this.#model.now && queue?.groups.get(claim.group.name) === claim.group ? queue : undefined
  }

  #under(claim: ModelClaim): ModelDelivery[] {
    const under = claim.group.deliveries.filter(
      (delivery) => delivery.claim === claim.id && delivery.state === 'leased',
    )
    return under.sort((a, b) => a.position - b.position)
  }

  #checkClaim(queue: ModelQueue, group: ModelGroup, id: string, messages: readonly StoredMessage[]): void {
    const under = group.deliveries.filter(({ claim, state }) => claim === id && state === 'leased')
    assert.deepEqual(
      messages.map((message) => `${message.id} ${message.expiresAt} ${message.claim}`).sort(),
      under.map(({ message }) => `${message.id} ${this.#model.expiry(queue, message)} ${id}`).sort(),
      `messages under claim ${id}`,
    )
  }

  // ---- what is done now and then ----------------------------------------------------------------------------------

  #purge(): Operation {
    const name = this.#random.pick(['plain', 'fifo', 'topic', 'v1', 'strict'])
    return {
      said: `purge ${name}`,
      phase: 'in-order',
      ask: () => this.#engine.purgeQueue({ account, queue: name }),
      check: (answer) => {
        const queue = this.#model.queues.get(name)
        assert.deepEqual(answer, { purged: queue ? this.#model.purge(queue) : 0 })
      },
    }
  }

  /** Where a virtual queue may be, or only its record, or an explicit one already. */
  #createQueue(): Operation {
    const { pick } = this.#random
    const name = pick(['v1', 'v2'])
    const settings = pick<QueueSettingsPatch>([{ retentionMs: 30 * second }, { delayMs: 500 }, { receiveLimit: 2 }])
    return {
      said: `create ${name} ${JSON.stringify(settings)}`,
      phase: 'in-order',
      ask: () => this.#engine.createQueue({ account, queue: name, settings }),
      check: (answer) => {
        const model = this.#model
        const queue = model.queues.get(name)
        const isThere = queue !== undefined && model.isThere(queue)
        assert.equal((answer as { created: boolean }).created, !queue?.explicit)
        if (queue?.explicit) return
        const made = queue ?? model.create(name, defaultSettings, true)
        made.settings = { ...(isThere ? made.settings : defaultSettings), ...settings } as QueueSettings
        made.explicit = true
        model.due(model.now)
      },
    }
  }

  #deleteQueue(): Operation {
    const name = this.#random.pick(['v1', 'v2'])
    return {
      said: `delete queue ${name}`,
      phase: 'in-order',
      ask: () => this.#engine.deleteQueue({ account, queue: name }),
      check: (answer) => {
        const queue = this.#model.queues.get(name)
        assert.deepEqual(answer, { deleted: queue !== undefined && this.#model.isThere(queue) })
        if (queue) this.#model.purge(queue)
        this.#model.queues.delete(name)
      },
    }
  }

  #update(): Operation {
    const { pick } = this.#random
    const name = pick(['plain', 'lifo', 'topic', 'dead'])
    // A message moved to a queue without retention that gets one later may be counted for a while after its end.
    const getsMoved = name === 'plain' || name === 'dead'
    const isEternal = this.#model.queues.get(name)?.settings.retentionMs === null
    const lengths = [20 * second, 60 * second, 600 * second]
    const retention = getsMoved && isEternal ? {} : { retentionMs: pick(getsMoved ? lengths : [...lengths, null]) }
    const patch = pick<QueueSettingsPatch>([
      retention,
      retention,
      { paused: this.#random.chance(1, 4) },
      { paused: false },
      { delayMs: pick([0, 900]) },
      { maxMessages: pick([null, 10]) },
      { keepFinished: pick(['nothing', 'message']) },
      { keepProcessedMs: pick([null, 0, 10 * second]) },
      ...(name === 'plain' ? [{ receiveLimit: pick([null, 1, 2]) }] : []),
    ])
    return {
      said: `update ${name} ${JSON.stringify(patch)}`,
      phase: 'in-order',
      ask: () => this.#engine.updateQueue({ account, queue: name, settings: patch }),
      check: (answer) => {
        const queue = this.#model.queues.get(name)!
        queue.settings = { ...queue.settings, ...patch } as QueueSettings
        assert.deepEqual((answer as { settings: QueueSettings }).settings, queue.settings)
        this.#model.due(this.#model.now)
      },
    }
  }

  #redrive(): Operation {
    const to = this.#random.pick([undefined, 'plain'])
    return {
      said: `redrive dead ${to}`,
      phase: 'in-order',
      ask: () => this.#engine.startRedrive({ account, queue: 'dead', ...(to === undefined ? {} : { to }) }),
      check: () => {
        const dead = this.#model.queues.get('dead')!
        const group = dead.groups.get('default')!
        const visible = group.deliveries.filter(({ state }) => state === 'visible')
        for (const delivery of visible.sort((a, b) => a.position - b.position)) {
          const target = to ?? delivery.source
          if (target === null) continue
          const queue = this.#model.queues.get(target)
          if (!queue) break
          const { retentionMs } = queue.settings
          const inherits = delivery.message.expiresAt === null && retentionMs !== null
          const end = inherits ? this.#model.now + retentionMs : undefined
          this.#model.move(dead, group, delivery, queue, end, 0, 0, null)
        }
      },
    }
  }

  #redriveGroup(): Operation {
    const { pick } = this.#random
    const name = pick(['topic', 'fifo', 'plain'])
    const group = name === 'topic' ? 'g' : 'default'
    return {
      said: `redrive ${name} ${group}`,
      phase: 'in-order',
      ask: () => this.#engine.startRedrive({ account, queue: name, group }),
      check: (answer) => {
        const queue = this.#model.queues.get(name)!
        const live = queue.groups.get(group)
        if (!live?.dead) {
          assert.deepEqual(answer, { refused: 'GroupNotFound' })
          return
        }
        const { dead } = live
        for (const delivery of dead.deliveries.filter(({ state }) => state === 'visible')) {
          this.#model.backIntoGroup(queue, live, dead, delivery)
        }
      },
    }
  }

  #changeGroups(): Operation {
    const { chance, pick } = this.#random
    const group = pick(['g', 'h', 'i'])
    const groups = () => this.#model.queues.get('topic')!.groups
    if (groups().has(group) && chance(1, 2)) {
      return {
        said: `delete group ${group}`,
        phase: 'in-order',
        ask: () => this.#engine.deleteGroup({ account, queue: 'topic', group }),
        check: (answer) => {
          assert.deepEqual(answer, { deleted: true })
          this.#forgetGroup(this.#model.queues.get('topic')!, group)
        },
      }
    }
    return {
      said: `create group ${group}`,
      phase: 'in-order',
      ask: () => this.#engine.createGroup({ account, queue: 'topic', group }),
      check: (answer) => {
        assert.equal((answer as { created: boolean }).created, !groups().has(group))
        if (!groups().has(group)) this.#model.addGroup(this.#model.queues.get('topic')!, group)
      },
    }
  }

  #forgetGroup(queue: ModelQueue, name: string): void {
    const ids = queue.groups.get(name)?.dead?.deliveries.map(({ message }) => message.id) ?? []
    queue.groups.delete(name)
    const held = new Set(
      [...queue.groups.values()].flatMap(({ dead }) => dead?.deliveries.map(({ message }) => message.id)),
    )
    for (const id of ids) {
      const isRetained = queue.retained.some(({ message }) => message.id === id)
      if (!isRetained && !held.has(id)) this.#model.ended.set(id, 'purged')
    }
  }

  async #createGroup(queue: string, group: string): Promise<void> {
    await this.#engine.createGroup({ account, queue, group })
    this.#model.addGroup(this.#model.queues.get(queue)!, group)
  }

  // ---- looking ----------------------------------------------------------------------------------------------------

  /** Where moved messages are now. */
  async #learn(): Promise<void> {
    for (const queue of this.#model.queues.values()) {
      for (const group of queue.groups.values()) {
        const unknown = group.deliveries.filter(({ position }) => !Number.isInteger(position))
        if (unknown.length === 0) continue
        const ids = unknown.map(({ message }) => message.id)
        const found = await this.#engine.getMessages({ account, queue: queue.name, ids })
        for (const { id, position } of found) {
          const delivery = unknown.find(({ message }) => message.id === id)
          if (delivery) learnPosition(this.#model, delivery, position)
        }
        assert.equal(found.length, unknown.length, `moved messages in ${queue.name}`)
      }
    }
  }

  async #compareQueue(queue: ModelQueue): Promise<void> {
    if (queue.settings.consumerGroups) {
      const { messages } = await this.#engine.browse({ account, queue: queue.name, limit: 1000 })
      const retained = queue.retained.map(({ message }) => message.id)
      assert.deepEqual(messages.map(({ id }) => id).sort(), retained.sort(), `retained messages of ${queue.name}`)
    }
    const groups = [...queue.groups.values()]
    const dead = groups.flatMap((group) => group.dead ?? [])
    await Promise.all([
      ...groups.map((group) => this.#compareGroup(queue, group, false)),
      ...dead.map((group) => this.#compareGroup(queue, group, true)),
    ])
    const view = await this.#engine.getQueue({ account, queue: queue.name })
    const owned = queue.settings.consumerGroups ? queue.retained.length : queue.groups.get('default')!.deliveries.length
    assert.equal(view.messages, owned, `messages of ${queue.name}`)
    assert.deepEqual(new Set(view.groups.map(({ name }) => name)), new Set(queue.groups.keys()), 'groups')
  }

  async #compareGroup(queue: ModelQueue, group: ModelGroup, deadLetters: boolean): Promise<void> {
    const { messages } = await this.#engine.browse({
      account,
      queue: queue.name,
      group: group.name,
      ...(deadLetters ? { deadLetters: true } : {}),
      states: ['ready', 'behind', 'delayed', 'leased', 'finished'],
      limit: 1000,
    })
    const stored = messages.map((message) => ({
      id: message.id,
      position: message.position,
      type: message.type,
      state: message.state === 'ready' || message.state === 'behind' ? 'visible' : message.state,
      until: message.visibleAt,
      receives: message.receiveCount,
      firstReceivedAt: message.firstReceivedAt,
      reprocesses: message.reprocessCount,
      claim: message.claim,
      expiresAt: message.expiresAt,
    }))
    const expected = [...group.deliveries]
      .sort((a, b) => a.position - b.position)
      .map((delivery) => ({
        id: delivery.message.id,
        position: delivery.position,
        type: delivery.type,
        state: delivery.state,
        until: delivery.state === 'leased' || delivery.state === 'delayed' ? delivery.until : null,
        receives: delivery.receives,
        firstReceivedAt: delivery.firstReceivedAt,
        reprocesses: delivery.reprocesses,
        claim: delivery.state === 'leased' ? delivery.claim : null,
        expiresAt: delivery.state === 'finished' ? null : this.#expiryOf(queue, delivery, deadLetters),
      }))
    assert.deepEqual(stored, expected, `group ${group.name} of ${queue.name}${deadLetters ? ', dead letters' : ''}`)
  }

  #expiryOf(queue: ModelQueue, delivery: ModelDelivery, deadLetters: boolean): number | null {
    return deadLetters ? delivery.expiresAt : this.#model.expiry(queue, delivery.message)
  }

  async #compareStatus(id: string): Promise<void> {
    const status = await this.#engine.status({ account, id })
    assert.equal(status?.ended?.outcome, this.#model.ended.get(id), `status of ${id}`)
  }
}

const learnPosition = (model: Model, delivery: ModelDelivery, position: number): void => {
  model.sawPosition(position)
  if (Number.isInteger(delivery.position)) {
    assert.equal(position, delivery.position, `position of ${delivery.message.id}`)
    return
  }
  delivery.position = position
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

const bodyText = ({ body }: { body: Uint8Array }): string => new TextDecoder().decode(body)

const summary = (answer: unknown): string =>
  JSON.stringify(answer, (_key, value: unknown) =>
    value instanceof Uint8Array ? bodyText({ body: value }) : value,
  ).slice(0, 400)
