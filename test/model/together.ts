/**
 * Whatever there is to do, at random and many things at once. What comes of it cannot be foretold; but all that core keeps up to date must agree
 * afterwards, and what was acknowledged must hold.
 */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Clock } from '../../src/core/clock.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import { isRefusal } from '../../src/core/errors.ts'
import type { QueueSettingsPatch } from '../../src/core/queue.ts'
import type { OperatorAction, ReceivedMessage, SettleAction, StoredMessage } from '../../src/core/requests.ts'
import type { Store } from '../../src/core/store.ts'
import { checkConsistency } from '../../src/testing/check-consistency.ts'
import { fakeClock, type SeededRandom, seededRandom } from '../../src/testing/index.ts'
import { isBusy, watched } from '../postgres/busy.ts'
import { bytes, textOf } from '../postgres/node.ts'

const account = 'a'
const second = 1_000
const atOnce = 30

const queues: Readonly<Record<string, QueueSettingsPatch>> = {
  /** Nothing leaves it but what is deleted from it. */
  kept: { retentionMs: null },
  plain: { receiveLimit: 2, deadLetterQueue: 'dead', retentionMs: 60 * second, keepFinished: 'message' },
  own: { receiveLimit: 2, deadLetters: 'group', retentionMs: 60 * second },
  fifo: { ordering: 'grouped', receiveLimit: 3, deadLetterQueue: 'dead', retentionMs: 60 * second },
  strict: { ordering: 'ordered', retentionMs: 60 * second },
  topic: { consumerGroups: true, receiveLimit: 2, deadLetters: 'group', retentionMs: 30 * second },
  work: { keepFinished: 'message', keepProcessedMs: 40 * second, history: 'steps', deadLetterQueue: 'dead' },
  dead: { retentionMs: 90 * second },
}
const names = [...Object.keys(queues), 'virtual']
const groups = ['g', 'h', 'i']
const subscribers = ['s', 't']
const subscribed = ['own', 'plain', 'work', 'topic']

export interface Subject {
  /** Nodes over the same data, or a single one. */
  readonly stores: readonly Store[]
  /** Has so many connections of the nodes to the database break soon; none: it is over. */
  readonly breaks?: (connections: number) => void
  /** Throws where a message has no delivery, or a delivery no message. Asked when nothing is left to do behind the scenes. */
  readonly checkRows?: () => Promise<void>
}

/** Rounds of everything at once, each followed by a look at all that must hold; until the time is over. */
export const doTogether = async (t: TestContext, subject: Subject, seconds: number): Promise<void> => {
  const seed = Date.now() % 2 ** 31
  const together = await start(t, subject, seed)
  const end = performance.now() + seconds * 1_000
  let rounds = 0
  for (; performance.now() < end; rounds++) {
    await together
      .round()
      .then(together.check)
      .catch((error: unknown) => {
        throw new Error(`seed ${seed}, round ${rounds}: after\n${together.said.join('\n')}`, { cause: error })
      })
  }
  t.diagnostic(`seed ${seed}, ${rounds} rounds (what is done at once comes in another order each time)`)
  // Otherwise it would show nothing.
  assert.ok(rounds < 20 || together.done.size > 12, `only ${[...together.done].join(', ')} did anything`)
}

const start = async (t: TestContext, { stores, breaks, checkRows }: Subject, seed: number) => {
  const random = seededRandom(seed)
  const clock = fakeClock()
  let turns = 0
  const turn = (run: () => void) => {
    turns++
    setImmediate(() => {
      turns--
      run()
    })
  }
  for (const store of stores) watched(store)
  const engines = stores.map((store) =>
    createEngine({ store, clock, turn, random: seededRandom(random.below(2 ** 31)) }),
  )
  t.after(async () => {
    for (const engine of engines) await engine.stop()
    for (const store of stores) await store.close()
  })
  const [engine] = engines
  assert.ok(engine)
  for (const [queue, settings] of Object.entries(queues)) await engine.createQueue({ account, queue, settings })
  await engine.createGroup({ account, queue: 'topic', group: 'g' })

  const idle = async () => {
    const isQuiet = () => turns === 0 && !stores.some(isBusy)
    for (let quiet = 0; quiet < 3; quiet = isQuiet() ? quiet + 1 : 0) await new Promise(setImmediate)
  }
  const advance = async (ms: number) => {
    const end = clock.now() + ms
    for (let at = clock.nextCallAt(); at !== undefined && at <= end; at = clock.nextCallAt()) {
      clock.advanceTo(at)
      await idle()
    }
    clock.advanceTo(end)
    await idle()
  }

  const operations = new Operations(random, clock)
  return {
    done: operations.done,
    said: operations.said,
    async round() {
      const isBreaking = breaks !== undefined && random.chance(1, 6)
      operations.beginRound(isBreaking)
      const asked = Promise.allSettled(Array.from({ length: atOnce }, () => operations.any(random.pick(engines))))
      if (isBreaking) breaks(1 + random.below(6))
      for (const answer of await asked) {
        if (answer.status === 'rejected' && !isRefusal(answer.reason)) throw answer.reason
      }
      breaks?.(0)
      operations.endRound()
      await idle()
      await advance(random.pick([0, 0, 10, second, 31 * second, 100 * second]))
    },
    async check() {
      for (const store of stores) await checkConsistency(store)
      const work = await engine.listDocuments({ collection: 'background-work', limit: 1 })
      if (work.length === 0) await checkRows?.()
      const states = ['ready', 'delayed', 'leased'] as const
      const { messages } = await engine.browse({ account, queue: 'kept', limit: 1_000, states })
      operations.checkKept(messages)
      // So that a page shows all of them after the next round, too.
      if (messages.length < 500) return
      assert.deepEqual(await engine.purgeQueue({ account, queue: 'kept' }), { purged: messages.length })
      operations.forgetKept()
    },
  }
}

/** What can be asked of a node, at random, about whatever came of what was asked before. */
class Operations {
  /** What the last round asked for. */
  readonly said: string[] = []
  /** Kinds of operations that came to something. */
  readonly done = new Set<string>()
  /** Sent to the queue that keeps all, and not deleted. */
  readonly #kept = new Set<string>()
  /** What was sent to that queue and deleted from it in this round: a message may be gone before its sender is told. */
  #sent: string[] = []
  #gone: string[] = []
  /** Of these nobody knows whether they are in that queue: bodies that were sent, and ids that were deleted, when the connection broke. */
  readonly #unsure = new Set<string>()
  readonly #random: SeededRandom
  readonly #clock: Clock
  readonly #handles: { readonly queue: string; readonly id: string; readonly handle: string }[] = []
  readonly #claims: { readonly queue: string; readonly claim: string }[] = []
  readonly #ids: string[] = []
  /** How often each message of that queue was handed out in this round, less how often it was given back. */
  readonly #leases = new Map<string, number>()
  #bodies = 0
  #breaks = false

  constructor(random: SeededRandom, clock: Clock) {
    this.#random = random
    this.#clock = clock
  }

  beginRound(breaks: boolean): void {
    this.#sent = []
    this.#gone = []
    this.#breaks = breaks
    this.said.length = 0
    this.#leases.clear()
  }

  /** While no time passes, nobody is given what somebody has. */
  endRound(): void {
    for (const id of this.#sent) this.#kept.add(id)
    const gone = new Set(this.#gone)
    assert.equal(gone.size, this.#gone.length, 'no message is deleted twice')
    for (const id of gone) assert.ok(this.#kept.delete(id) || this.#breaks, `${id} came back`)
    if (this.#breaks) return
    for (const [id, leases] of this.#leases) assert.ok(leases <= 1, `${id} was handed out to two`)
  }

  async any(engine: QueueEngine): Promise<void> {
    const kind = this.#random.pick(kinds)
    if (await this[kind](engine)) this.done.add(kind)
  }

  checkKept(messages: readonly StoredMessage[]): void {
    const there = new Set(messages.map(({ id }) => id))
    const lost = [...this.#kept].filter((id) => !there.has(id) && !this.#unsure.has(id))
    const isUnexpected = ({ id, message }: StoredMessage) =>
      !this.#kept.has(id) && !this.#unsure.has(textOf({ message }))
    assert.deepEqual({ lost, unexpected: messages.filter(isUnexpected) }, { lost: [], unexpected: [] })
    this.#unsure.clear()
    this.#kept.clear()
    for (const id of there) this.#kept.add(id)
  }

  forgetKept(): void {
    this.#kept.clear()
  }

  /** What comes of it is not known when the connection broke after it may have been done. */
  async #unlessUnknown<Answer>(asking: Promise<Answer>, unsure: readonly string[]): Promise<Answer> {
    try {
      return await asking
    } catch (error) {
      if (isRefusal(error, 'StoreUnavailable')) {
        assert.ok(this.#breaks, 'the store failed by itself')
        if (!error.data.retryable) for (const one of unsure) this.#unsure.add(one)
      }
      throw error
    }
  }

  #say(what: string, request: object): void {
    this.said.push(`${what} ${JSON.stringify(request)}`)
  }

  #place() {
    const { chance, pick } = this.#random
    const queue = pick(names)
    const deadLetters = (queue === 'own' || queue === 'topic') && chance(1, 5)
    return { account, queue, ...this.#reader(queue), ...(deadLetters && { deadLetters }) }
  }

  /** There may be none of that name, and then nothing comes of it. */
  #reader(queue: string): { group?: string } {
    const { chance, pick } = this.#random
    if (subscribed.includes(queue) && chance(1, 3)) return { group: pick(subscribers) }
    return queue === 'topic' ? { group: pick(groups) } : {}
  }

  async send(engine: QueueEngine) {
    const { below, chance, pick } = this.#random
    const queue = pick(names)
    const bodies = Array.from({ length: 1 + below(5) }, () => `m${++this.#bodies}`)
    const more = {
      ...(chance(1, 5) && { delayMs: pick([5, 20 * second]) }),
      ...(chance(1, 3) && { priority: below(3) }),
      ...(chance(2, 3) && { messageGroup: pick(['x', 'y']) }),
      ...(chance(1, 8) && queue !== 'kept' && { retentionMs: 5 * second }),
    }
    const deduplicationId = chance(1, 6) ? pick(['d1', 'd2']) : undefined
    this.#say('send', { queue, bodies, ...more, deduplicationId })
    const messages = bodies.map((text, i) => ({
      body: bytes(text),
      ...more,
      ...(i === 0 && deduplicationId !== undefined && { deduplicationId }),
    }))
    const sent = await this.#unlessUnknown(engine.send({ account, queue, messages }), bodies)
    for (const { id, duplicate } of sent) {
      this.#ids.push(id)
      if (queue === 'kept' && !duplicate) this.#sent.push(id)
    }
    return true
  }

  async receive(engine: QueueEngine) {
    const { below, chance } = this.#random
    const place = this.#place()
    const request = {
      ...place,
      maxMessages: 1 + below(6),
      visibilityTimeoutMs: 30 * second,
      waitMs: 0,
      ...(place.queue !== 'kept' && chance(1, 5) && { visibilityTimeoutMs: 0 }),
    }
    this.#say('receive', request)
    return this.#take(await engine.receive(request), place.queue)
  }

  async pop(engine: QueueEngine) {
    const { deadLetters: _, ...place } = this.#place()
    // Which ones went would not be known.
    if (place.queue === 'kept' && this.#breaks) return false
    const request = { ...place, maxMessages: 1 + this.#random.below(3), waitMs: 0 }
    this.#say('pop', request)
    const messages = await engine.pop(request)
    if (place.queue === 'kept') this.#gone.push(...messages.map(({ id }) => id))
    return messages.length > 0
  }

  async claim(engine: QueueEngine) {
    const { deadLetters: _, ...place } = this.#place()
    if (place.queue === 'kept') return false
    const request = { ...place, maxMessages: 3, ttlMs: 20 * second, graceMs: 0 }
    this.#say('claim', request)
    const claim = await engine.claim(request)
    if (claim) this.#claims.push({ queue: place.queue, claim: claim.id })
    return claim !== null
  }

  async seeToClaim(engine: QueueEngine) {
    const { chance, pick } = this.#random
    if (this.#claims.length === 0) return false
    const request = { account, ...pick(this.#claims.slice(-6)) }
    this.#say('see to claim', request)
    if (chance(1, 2)) return (await engine.releaseClaim(request)).released
    return (await engine.renewClaim({ ...request, ttlMs: 25 * second, graceMs: second })).messages.length > 0
  }

  async settle(engine: QueueEngine) {
    const { below, pick } = this.#random
    if (this.#handles.length === 0) return false
    const recent = this.#handles.slice(-40)
    const { queue } = pick(recent)
    const chosen = Array.from({ length: 1 + below(4) }, () => pick(recent.filter((handle) => handle.queue === queue)))
    const entries = chosen.map(({ handle }) => ({ receiptHandle: handle, action: this.#action(queue) }))
    this.#say('settle', { queue, entries })
    const results = await this.#unlessUnknown(
      engine.settle({ account, queue, entries }),
      chosen.map(({ id }) => id),
    )
    let changed = 0
    for (const [i, result] of results.entries()) {
      if (!result.ok || !result.value.changed) continue
      changed++
      if (queue !== 'kept') continue
      const { id } = result.value
      if (entries[i]?.action.do === 'delete') this.#gone.push(id)
      else if (entries[i]?.action.do === 'release') this.#leases.set(id, (this.#leases.get(id) ?? 0) - 1)
    }
    return changed > 0
  }

  #action(queue: string): SettleAction {
    const { pick } = this.#random
    const both: SettleAction[] = [
      { do: 'delete' },
      { do: 'extend', visibilityTimeoutMs: 30 * second },
      { do: 'release' },
    ]
    if (queue === 'kept') return pick(both)
    return pick<SettleAction>([
      ...both,
      { do: 'release', failed: false, delayMs: second },
      { do: 'reprocess', delayMs: 20 * second },
      { do: 'finish', as: pick(['P', 'E', 'F', 'S']) },
      { do: 'dead-letter' },
    ])
  }

  async deleteMessages(engine: QueueEngine) {
    const { pick } = this.#random
    if (this.#ids.length === 0) return false
    const queue = pick(names)
    const ids = [1, 2, 3].map(() => pick(this.#ids.slice(-60)))
    this.#say('delete', { queue, ids })
    const leased = pick(['anyway', 'refuse'] as const)
    const results = await this.#unlessUnknown(engine.deleteMessages({ account, queue, ids, leased }), ids)
    let deleted = 0
    for (const [i, result] of results.entries()) {
      if (!result.ok || !result.value.changed) continue
      deleted++
      if (queue === 'kept') this.#gone.push(ids[i] ?? '')
    }
    return deleted > 0
  }

  async actOnMessages(engine: QueueEngine) {
    const { pick } = this.#random
    if (this.#ids.length === 0) return false
    const queue = pick(names.filter((name) => name !== 'kept'))
    const ids = [1, 2, 3].map(() => pick(this.#ids.slice(-60)))
    const action = pick<OperatorAction>([
      { do: 'delete' },
      { do: 'reprocess' },
      { do: 'move', to: 'E' },
      { do: 'copy', to: 'virtual' },
    ])
    this.#say('act', { queue, ids, action })
    const results = await engine.actOnMessages({ account, queue, ids, action, by: 'somebody' })
    return results.some(({ changed }) => changed)
  }

  async purge(engine: QueueEngine) {
    const queue = this.#random.pick(['plain', 'own', 'fifo', 'strict', 'topic', 'work', 'dead', 'virtual'])
    this.#say('purge', { queue })
    return (await engine.purgeQueue({ account, queue })).purged > 0
  }

  async remakeQueue(engine: QueueEngine) {
    const { chance, pick } = this.#random
    const queue = pick(['plain', 'fifo', 'topic', 'work', 'virtual'])
    this.#say('remake', { queue })
    const { deleted } = await engine.deleteQueue({ account, queue })
    const settings = queues[queue]
    if (settings && chance(4, 5)) await engine.createQueue({ account, queue, settings })
    return deleted
  }

  async createMissing(engine: QueueEngine) {
    const { pick } = this.#random
    const queue = pick(['plain', 'fifo', 'topic', 'work'])
    const { created } = await engine.createQueue({ account, queue, settings: queues[queue] ?? {} })
    return created
  }

  async updateQueue(engine: QueueEngine) {
    const { pick } = this.#random
    const queue = pick(['plain', 'own', 'topic', 'work'])
    const settings = pick<QueueSettingsPatch>([
      { retentionMs: pick([20 * second, 60 * second]) },
      { receiveLimit: pick([1, 3, null]) },
      { delayMs: pick([0, second]) },
      { keepFinished: pick(['nothing', 'message']) },
      { history: pick(['end', 'steps']) },
    ])
    this.#say('update', { queue, settings })
    await engine.updateQueue({ account, queue, settings })
    return true
  }

  async changeGroups(engine: QueueEngine) {
    const { chance, pick } = this.#random
    const request = { account, queue: 'topic', group: pick(groups) }
    this.#say('change group', request)
    if (chance(1, 3)) return (await engine.deleteGroup(request)).deleted
    return (await engine.createGroup(request)).created
  }

  async subscribe(engine: QueueEngine) {
    const { chance, pick } = this.#random
    const request = { account, queue: pick(subscribed), group: pick(subscribers) }
    this.#say('subscribe', request)
    if (chance(1, 3)) return (await engine.deleteGroup(request)).deleted
    const expiresAt = chance(1, 2) ? this.#clock.now() + 40 * second : null
    return (await engine.createGroup({ ...request, subscription: { expiresAt } })).created
  }

  async acknowledge(engine: QueueEngine) {
    const handles = this.#handles.filter(({ queue }) => queue === 'topic').slice(-10)
    if (handles.length === 0) return false
    const { chance, pick } = this.#random
    const entries = [1, 2].map(() => ({ receiptHandle: pick(handles).handle, ok: chance(1, 2) }))
    const request = { account, queue: 'topic', group: pick(groups), entries }
    this.#say('acknowledge', request)
    return (await engine.acknowledge(request)).succeeded > 0
  }

  async startAction(engine: QueueEngine) {
    const { pick } = this.#random
    const action = pick<OperatorAction>([{ do: 'delete' }, { do: 'reprocess' }, { do: 'move', to: 'S' }])
    const request = { account, queue: pick(['plain', 'fifo', 'work', 'dead']), action, by: 'somebody' }
    this.#say('start action', request)
    return (await engine.startAction(request)).state === 'running'
  }

  async redrive(engine: QueueEngine) {
    const { chance, pick } = this.#random
    const queue = pick(['own', 'topic', 'dead'])
    const request = {
      account,
      queue,
      ...(queue !== 'dead' && { group: 'default', ...this.#reader(queue) }),
      ...(chance(1, 4) && { to: 'strict' }),
    }
    this.#say('redrive', request)
    return (await engine.startRedrive(request)).state === 'running'
  }

  async look(engine: QueueEngine) {
    const place = this.#place()
    this.#say('look', place)
    const { messages } = await engine.browse({ ...place, limit: 20 })
    await engine.getQueue(place)
    await engine.searchMessages({ ...place, limit: 20 })
    return messages.length > 0
  }

  #take(messages: readonly ReceivedMessage[], queue: string): boolean {
    for (const { id, receiptHandle } of messages) {
      if (receiptHandle !== null) this.#handles.push({ queue, id, handle: receiptHandle })
      if (queue !== 'kept') continue
      this.#leases.set(id, (this.#leases.get(id) ?? 0) + 1)
    }
    return messages.length > 0
  }
}

const kinds = [
  ...([
    'send',
    'send',
    'send',
    'send',
    'receive',
    'receive',
    'receive',
    'receive',
    'settle',
    'settle',
    'settle',
  ] as const),
  ...([
    'pop',
    'claim',
    'seeToClaim',
    'deleteMessages',
    'actOnMessages',
    'look',
    'changeGroups',
    'updateQueue',
  ] as const),
  ...(['purge', 'remakeQueue', 'createMissing', 'redrive', 'subscribe', 'acknowledge', 'startAction'] as const),
] as const
