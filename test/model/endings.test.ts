// A few messages in few queues, and much that may happen to each: every way to end, move, bring back or keep it, for each group that has it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../src/core/errors.ts'
import type { QueueSettingsPatch } from '../../src/core/queue.ts'
import type { OperatorAction, ReceivedMessage, SettleAction } from '../../src/core/requests.ts'
import { memoryStore, type SeededRandom, seededRandom } from '../../src/testing/index.ts'
import { account, at, type TestEngine, testEngine } from '../../src/testing/test-engine.ts'

const lives = 1000
const stepsOfALife = 100
const second = 1000

/** At the end of each life the test engine looks whether all agrees; the memory store fails where a message ends for the first time twice. */
test('whatever becomes of a message for one group leaves it whole for the others, and it ends once', async (t) => {
  const done = new Set<string>()
  for (let seed = 1; seed <= lives; seed++) {
    const life = new Life(seededRandom(seed), done)
    await life.live().catch((error: unknown) => {
      throw new Error(`seed ${seed}: after\n${life.said.join('\n')}`, { cause: error })
    })
  }
  t.diagnostic([...done].join(', '))
  assert.ok(done.size >= 20, `only ${[...done].join(', ')} came to something`)
})

class Life {
  readonly said: string[] = []
  readonly #random: SeededRandom
  /** What came to something in any life. */
  readonly #done: Set<string>
  readonly #isTopic: boolean
  readonly #held: ReceivedMessage[] = []
  readonly #ids: string[] = []

  constructor(random: SeededRandom, done: Set<string>) {
    this.#random = random
    this.#done = done
    this.#isTopic = random.chance(1, 2)
  }

  async live(): Promise<void> {
    const { chance, pick } = this.#random
    await using t = testEngine({ store: memoryStore({ runTwice: chance(1, 10) }) })
    const settings: QueueSettingsPatch = {
      consumerGroups: this.#isTopic,
      ordering: pick(['unordered', 'grouped', 'ordered']),
      receiveLimit: pick([null, 1, 2]),
      deadLetters: pick(['group', 'group', 'delete']),
      retentionMs: pick([null, 20 * second, 100 * second]),
      deadLetterRetentionMs: pick([null, 50 * second]),
      keepFinished: pick(['message', 'nothing']),
      history: pick(['end', 'steps']),
    }
    await t.create('dead')
    for (const queue of ['q', 'r']) await t.create(queue, settings)
    for (const group of ['s', 'u']) await this.#makeGroup(t, 'q', group)
    for (let i = 0; i < stepsOfALife; i++) {
      const asked = Array.from({ length: chance(1, 4) ? 3 : 1 }, () => this.#any(t))
      for (const answer of await Promise.allSettled(asked)) {
        if (answer.status === 'rejected' && !isRefusal(answer.reason)) throw answer.reason
      }
    }
    await t.advance(200 * second)
  }

  #any(t: TestEngine): Promise<void> {
    const { pick } = this.#random
    const steps = [this.#send, this.#receive, this.#receive, this.#settle, this.#settle, this.#settle]
    steps.push(this.#redrive, this.#act, this.#delete, this.#passTime, this.#change)
    return pick(steps).call(this, t)
  }

  #say(what: string, request: object): void {
    this.said.push(`${what} ${JSON.stringify(request)}`)
  }

  #queue(): string {
    return this.#random.pick(['q', 'q', 'q', 'r', 'dead'])
  }

  #group(): string {
    return this.#random.pick(this.#isTopic ? ['g', 'h', 's', 'u'] : ['default', 'default', 's', 'u'])
  }

  #place() {
    return { ...at(this.#queue()), group: this.#group(), deadLetters: this.#random.chance(1, 4) }
  }

  async #send(t: TestEngine): Promise<void> {
    const { chance } = this.#random
    const more = { ...(chance(1, 2) && { messageGroup: 'm' }), ...(chance(1, 5) && { retentionMs: 30 * second }) }
    const queue = this.#queue()
    this.#say('send', { queue, ...more })
    this.#ids.push(...(await t.send(queue, { body: new Uint8Array(1), ...more })))
  }

  async #receive(t: TestEngine): Promise<void> {
    const { below, pick } = this.#random
    const visibilityTimeoutMs = pick([5 * second, 60 * second])
    const request = { ...this.#place(), maxMessages: 1 + below(4), visibilityTimeoutMs, waitMs: 0 }
    this.#say('receive', request)
    this.#held.push(...(await t.engine.receive(request)))
  }

  async #settle(t: TestEngine): Promise<void> {
    const { below, pick } = this.#random
    const [message] = this.#held.splice(below(this.#held.length + 1), 1)
    if (!message) return
    const action = pick<SettleAction>([
      { do: 'delete' },
      { do: 'delete' },
      { do: 'dead-letter' },
      { do: 'dead-letter' },
      { do: 'release' },
      { do: 'finish', as: pick(['P', 'E', 'F', 'S']) },
      { do: 'extend', visibilityTimeoutMs: 10 * second },
    ])
    this.#say('settle', { id: message.id, action })
    const { changed } = await t.settle(message, action)
    if (changed) this.#done.add(`${message.group} ${action.do}`)
  }

  async #redrive(t: TestEngine): Promise<void> {
    const { chance, pick } = this.#random
    const queue = this.#queue()
    const request = {
      ...at(queue),
      ...(queue !== 'dead' && { group: this.#group() }),
      ...(chance(1, 5) && { to: pick(['q', 'r']) }),
    }
    this.#say('redrive', request)
    const { id } = await t.engine.startRedrive(request)
    await t.idle()
    if ((await t.engine.getTask({ account, task: id })).changed > 0) this.#done.add(`redrive ${request.group ?? queue}`)
  }

  async #act(t: TestEngine): Promise<void> {
    const { pick } = this.#random
    if (this.#ids.length === 0) return
    const action = pick<OperatorAction>([
      { do: 'delete' },
      { do: 'move', to: 'S' },
      { do: 'reprocess' },
      { do: 'copy', to: 'r' },
    ])
    const request = { ...this.#place(), ids: [pick(this.#ids)], action, by: 'somebody' }
    this.#say('act', request)
    const [result] = await t.engine.actOnMessages(request)
    if (result?.changed) this.#done.add(`act ${action.do}`)
  }

  async #delete(t: TestEngine): Promise<void> {
    const { chance, pick } = this.#random
    if (this.#ids.length === 0) return
    const { group, ...place } = this.#place()
    const request = { ...place, ...(chance(1, 2) && { group }), ids: [pick(this.#ids)], leased: 'anyway' as const }
    this.#say('delete', request)
    await t.engine.deleteMessages(request)
  }

  async #passTime(t: TestEngine): Promise<void> {
    const { chance, pick } = this.#random
    const ms = pick([1, 1, 6, 25, 60, 120]) * second
    const inOneGo = chance(1, 2)
    this.#say('pass', { ms, inOneGo })
    await (inOneGo ? t.jump(ms) : t.advance(ms))
  }

  async #change(t: TestEngine): Promise<void> {
    const { chance, pick } = this.#random
    const queue = this.#queue()
    const group = this.#group()
    if (chance(1, 8)) {
      this.#say('purge', { queue })
      await t.engine.purgeQueue(at(queue))
    } else if (chance(1, 4)) {
      this.#say('delete group', { queue, group })
      await t.engine.deleteGroup({ ...at(queue), group })
    } else if (chance(1, 2)) {
      await this.#makeGroup(t, queue, group)
    } else {
      const settings = pick<QueueSettingsPatch>([
        { history: pick(['none', 'end', 'steps']) },
        { deadLetters: 'group' },
        { deadLetterQueue: pick(['dead', null]) },
      ])
      this.#say('change', { queue, settings })
      await t.engine.updateQueue({ ...at(queue), settings })
    }
  }

  async #makeGroup(t: TestEngine, queue: string, group: string): Promise<void> {
    this.#say('make group', { queue, group })
    const subscription = group === 's' || group === 'u' ? { subscription: {} } : {}
    await t.engine.createGroup({ ...at(queue), group, ...subscription })
  }
}
