/** What queues do, in the plainest way: lists, and a look at everything. Time stands still between calls of `due`. */
import type { DeliveryType, FinishedType } from '../../src/core/delivery.ts'
import type { QueueSettings } from '../../src/core/queue.ts'
import type { HandleRule, SettleAction } from '../../src/core/requests.ts'

export interface ModelMessage {
  readonly id: string
  readonly body: string
  readonly priority: number
  readonly messageGroup: string | null
  readonly sentAt: number
  readonly delayMs: number
  expiresAt: number | null
  readonly deduplicationId: string | undefined
  readonly receiveLimit: number | undefined
  readonly deadLetterQueue: string | undefined
}

export interface ModelDelivery {
  readonly message: ModelMessage
  /** Its place in the queue; not known at first after a move. */
  position: number
  rank: number
  type: DeliveryType
  state: 'visible' | 'delayed' | 'leased' | 'finished'
  /** The end of its delay or lease, or of being kept. */
  until: number
  receives: number
  excused: number
  firstReceivedAt: number | null
  reprocesses: number
  handle: string | null
  claim: string | null
  settled: string | null
  /** The handle that put it aside last. */
  reprocessedBy: string | null
  /** To its old place, and not handed out since. */
  broughtBack: boolean
  limits: Limits
  readonly source: string | null
  /** Of dead letters within their group: their own end. */
  readonly expiresAt: number | null
}

export interface Limits {
  readonly receiveLimit?: number
  readonly deadLetterQueue?: string
}

export interface ModelGroup {
  readonly name: string
  deliveries: ModelDelivery[]
  /** What it gave up on, where that is kept within the group. */
  readonly dead: ModelGroup | null
}

export interface ModelQueue {
  readonly name: string
  explicit: boolean
  settings: QueueSettings
  readonly groups: Map<string, ModelGroup>
  /** Of a queue with consumer groups: what new groups get. */
  retained: { readonly message: ModelMessage; readonly position: number }[]
  readonly reservations: Map<string, { readonly id: string; readonly until: number }>
}

const outcomes = { P: 'processed', F: 'filtered', E: 'errored', S: 'shelved' } as const
const keeps = { P: 'keepProcessedMs', F: 'keepFilteredMs', E: 'keepErroredMs', S: 'keepShelvedMs' } as const

const newGroup = (name: string): ModelGroup => ({
  name,
  deliveries: [],
  dead: { name, deliveries: [], dead: null },
})

export class Model {
  now: number
  readonly queues = new Map<string, ModelQueue>()
  /** How messages ended, by id. */
  readonly ended = new Map<string, string>()
  readonly #virtual: QueueSettings
  /** The highest position seen, and how many were taken since without being seen. */
  #lastPosition = 0
  #taken = 0

  constructor(now: number, virtual: QueueSettings) {
    this.now = now
    this.#virtual = virtual
  }

  queue(name: string): ModelQueue {
    return this.queues.get(name) ?? this.create(name, this.#virtual, false)
  }

  create(name: string, settings: QueueSettings, explicit: boolean): ModelQueue {
    const groups = new Map(settings.consumerGroups ? [] : [['default', newGroup('default')]])
    const queue = { name, explicit, settings, groups, retained: [], reservations: new Map() }
    this.queues.set(name, queue)
    return queue
  }

  stored(queue: ModelQueue): number {
    const groups = [...queue.groups.values()]
    const dead = groups.reduce((sum, group) => sum + (group.dead?.deliveries.length ?? 0), 0)
    const owned = queue.settings.consumerGroups ? queue.retained.length : (groups[0]?.deliveries.length ?? 0)
    return owned + dead
  }

  isThere(queue: ModelQueue): boolean {
    return queue.explicit || this.stored(queue) > 0
  }

  /** A position that is higher than those before, and lower than those seen later. */
  nextPosition(): number {
    return this.#lastPosition + ++this.#taken * 1e-6
  }

  sawPosition(position: number): void {
    this.#lastPosition = Math.max(this.#lastPosition, position)
  }

  // ---- send -------------------------------------------------------------------------------------------------------

  reservedFor(queue: ModelQueue, deduplicationId: string | undefined): string | undefined {
    const reservation = deduplicationId === undefined ? undefined : queue.reservations.get(deduplicationId)
    return reservation && reservation.until > this.now ? reservation.id : undefined
  }

  add(queue: ModelQueue, message: ModelMessage, position: number): void {
    this.sawPosition(position)
    if (message.deduplicationId !== undefined && queue.settings.deduplicationWindowMs > 0) {
      const until = this.now + queue.settings.deduplicationWindowMs
      queue.reservations.set(message.deduplicationId, { id: message.id, until })
    }
    if (queue.settings.consumerGroups) queue.retained.push({ message, position })
    for (const group of queue.groups.values())
      this.#deliver(queue, group, message, position, this.now + message.delayMs)
  }

  addGroup(queue: ModelQueue, name: string): void {
    const group = newGroup(name)
    queue.groups.set(name, group)
    for (const { message, position } of queue.retained) {
      this.#deliver(queue, group, message, position, message.sentAt + message.delayMs)
    }
  }

  #deliver(
    queue: ModelQueue,
    group: ModelGroup,
    message: ModelMessage,
    position: number,
    visibleAt: number,
    more: Partial<ModelDelivery> = {},
  ): void {
    const delayed = visibleAt > this.now
    group.deliveries.push({
      message,
      position,
      rank: (queue.settings.newestFirst ? -1 : 1) * ageOf(message),
      type: 'Q',
      state: delayed ? 'delayed' : 'visible',
      until: delayed ? visibleAt : 0,
      receives: 0,
      excused: 0,
      firstReceivedAt: null,
      reprocesses: 0,
      handle: null,
      claim: null,
      settled: null,
      reprocessedBy: null,
      broughtBack: false,
      limits: {},
      source: null,
      expiresAt: null,
      ...more,
    })
  }

  // ---- receive ----------------------------------------------------------------------------------------------------

  /** Unordered queues: what may be handed out, in order. */
  ready(group: ModelGroup): ModelDelivery[] {
    const visible = group.deliveries.filter(({ state }) => state === 'visible')
    return visible.sort((a, b) => b.message.priority - a.message.priority || a.rank - b.rank)
  }

  /** Ordered queues: what may be handed out of each message group, in order. */
  runs(queue: ModelQueue, group: ModelGroup): Map<string, ModelDelivery[]> {
    const runs = new Map<string, ModelDelivery[]>()
    const closed = new Set<string>()
    for (const delivery of [...group.deliveries].sort((a, b) => a.position - b.position)) {
      const key = orderingKey(queue, delivery)
      if (delivery.state === 'finished' || closed.has(key)) continue
      if (delivery.state === 'visible') runs.set(key, [...(runs.get(key) ?? []), delivery])
      else closed.add(key)
    }
    // What was brought back waits for a younger one that is in work.
    const inWork = group.deliveries.filter(({ state }) => state === 'leased')
    const busy = new Set(inWork.map((delivery) => orderingKey(queue, delivery)))
    for (const [key, [head]] of runs) if (head?.broughtBack && busy.has(key)) runs.delete(key)
    return runs
  }

  /** What an unordered queue hands out; those that have expired or were received too often go on the way. */
  take(queue: ModelQueue, group: ModelGroup, limit: number, limits: Limits): ModelDelivery[] {
    for (let look = limit; ; look = Math.max(limit, 100)) {
      const taken: ModelDelivery[] = []
      let dropped = 0
      for (const delivery of this.ready(group).slice(0, look)) {
        if (taken.length === limit) break
        if (this.#isDropped(queue, group, delivery, limits)) dropped++
        else taken.push(delivery)
      }
      if (taken.length > 0 || dropped === 0) return taken
    }
  }

  #isDropped(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery, limits: Limits): boolean {
    if (group.dead !== null && this.isExpired(queue, delivery)) {
      this.end(queue, group, delivery, 'expired')
      return true
    }
    return this.#isExhausted(queue, group, delivery, limits) && this.deadLetter(queue, group, delivery, limits)
  }

  /** A message that was moved in this turn may be too old for the queue that it came to. */
  isExpired(queue: ModelQueue, { message }: ModelDelivery): boolean {
    const expiry = this.expiry(queue, message)
    return expiry !== null && expiry <= this.now
  }

  handOut(delivery: ModelDelivery, until: number, handle: string | null, claim: string | null, limits: Limits): void {
    delivery.state = until > this.now ? 'leased' : 'visible'
    delivery.until = until > this.now ? until : 0
    delivery.receives++
    delivery.firstReceivedAt ??= this.now
    delivery.handle = handle ?? 'claimed'
    delivery.claim = claim
    delivery.settled = null
    delivery.broughtBack = false
    delivery.limits = limits
  }

  /** A claimed message lives until its claim ends, and a grace longer. */
  outlive(queue: ModelQueue, message: ModelMessage, until: number): void {
    const expiry = this.expiry(queue, message)
    if (expiry !== null && expiry < until) message.expiresAt = until
  }

  // ---- settle -----------------------------------------------------------------------------------------------------

  /** What becomes of a settlement: the code of a refusal, or whether it changes something. */
  settle(
    queue: ModelQueue,
    { group, position, handle }: { group: ModelGroup; position: number; handle: string },
    action: SettleAction,
    rule: HandleRule,
  ): 'changed' | 'unchanged' | string {
    if (action.do === 'reprocess' && queue.settings.ordering !== 'unordered') return 'OrderedQueue'
    const home = queue.groups.get(group.name)
    const attached = home === group || home?.dead === group
    const delivery = attached ? group.deliveries.find((candidate) => candidate.position === position) : undefined
    if (!delivery) {
      return action.do === 'delete' || action.do === 'finish' || action.do === 'dead-letter' ? 'unchanged' : 'LeaseLost'
    }
    if (action.do === 'reprocess' && delivery.reprocessedBy === handle) return 'unchanged'
    if (delivery.type === 'D' && action.do !== 'delete') return 'LeaseLost'
    const isLatest = delivery.handle === handle
    const isSame = delivery.settled === action.do && (action.do !== 'finish' || delivery.type === action.as)
    if (isLatest && delivery.state !== 'leased' && isSame) return 'unchanged'
    const valid = rule === 'any' || (isLatest && (rule === 'latest' || delivery.state === 'leased'))
    if (!valid || delivery.handle === null || delivery.state === 'finished') return 'LeaseLost'
    return this.#act(queue, group, delivery, action)
  }

  #act(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery, action: SettleAction): string {
    switch (action.do) {
      case 'delete':
        this.end(queue, group, delivery, 'deleted')
        break
      case 'extend':
        if (action.visibilityTimeoutMs === 0) this.endLease(queue, group, delivery)
        else {
          delivery.state = 'leased'
          delivery.until = this.now + action.visibilityTimeoutMs
          delivery.type = 'Q'
        }
        break
      case 'release':
        this.#release(queue, group, delivery, action)
        break
      case 'reprocess':
        delivery.reprocesses++
        delivery.excused++
        delivery.settled = 'reprocess'
        delivery.reprocessedBy = delivery.handle
        // It comes back to the place of its arrival, wherever it stood meanwhile.
        delivery.rank = (queue.settings.newestFirst ? -1 : 1) * ageOf(delivery.message)
        this.#hide(delivery, action.delayMs)
        delivery.type = action.delayMs > 0 ? 'D' : 'Q'
        break
      case 'finish':
        this.#finish(queue, group, delivery, action.as)
        break
      case 'dead-letter':
        if (!this.deadLetter(queue, group, delivery, delivery.limits)) return 'ArgumentInvalid'
    }
    return 'changed'
  }

  #release(
    queue: ModelQueue,
    group: ModelGroup,
    delivery: ModelDelivery,
    action: SettleAction & { do: 'release' },
  ): void {
    const failed = action.failed !== false
    if (failed && this.#bites(queue, group, delivery)) return
    if (!failed) delivery.receives = Math.max(0, delivery.receives - 1)
    if (delivery.receives === 0) delivery.firstReceivedAt = null
    delivery.settled = 'release'
    if (action.to === 'back') delivery.rank = this.nextPosition()
    this.#hide(delivery, action.delayMs ?? 0)
  }

  #hide(delivery: ModelDelivery, delayMs: number): void {
    delivery.state = delayMs > 0 ? 'delayed' : 'visible'
    delivery.until = delayMs > 0 ? this.now + delayMs : 0
    delivery.claim = null
    delivery.type = 'Q'
  }

  #finish(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery, as: FinishedType): void {
    if (queue.settings.keepFinished === 'nothing') {
      this.end(queue, group, delivery, outcomes[as])
      return
    }
    delivery.type = as
    delivery.state = 'finished'
    delivery.settled = 'finish'
    delivery.claim = null
    const keepMs = queue.settings[keeps[as]]
    delivery.until = keepMs === null ? Number.POSITIVE_INFINITY : this.now + keepMs
  }

  endLease(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery): void {
    if (!this.#bites(queue, group, delivery)) this.#hide(delivery, 0)
  }

  // ---- the ends of messages ---------------------------------------------------------------------------------------

  #bites(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery): boolean {
    const bites =
      queue.settings.deadLetterAt === 'lease-end' && this.#isExhausted(queue, group, delivery, delivery.limits)
    return bites && this.deadLetter(queue, group, delivery, delivery.limits)
  }

  #isExhausted(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery, limits: Limits): boolean {
    if (group.dead === null) return false
    const own = delivery.source === null ? delivery.message.receiveLimit : undefined
    const limit = limits.receiveLimit ?? own ?? queue.settings.receiveLimit
    return limit !== null && delivery.receives - delivery.excused >= limit
  }

  /** False: there is nowhere to go. */
  deadLetter(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery, limits: Limits): boolean {
    const { message } = delivery
    if (group.dead === null) return false
    const named = (delivery.source === null ? message.deadLetterQueue : undefined) ?? limits.deadLetterQueue
    const { deadLetterQueue, deadLetterRetentionMs } = queue.settings
    const end = deadLetterRetentionMs === null ? undefined : this.now + deadLetterRetentionMs
    if (named !== undefined && named !== queue.name) {
      const id = message.deduplicationId
      if (id !== undefined && queue.reservations.get(id)?.id === message.id) queue.reservations.delete(id)
      this.move(queue, group, delivery, this.queue(named), end, 0, 0)
    } else if (deadLetterQueue !== null) {
      this.move(queue, group, delivery, this.queue(deadLetterQueue), end, delivery.receives, delivery.receives)
    } else if (queue.settings.deadLetters === 'group') {
      group.deliveries = group.deliveries.filter((other) => other !== delivery)
      this.#deliver(queue, group.dead, message, delivery.position, 0, {
        firstReceivedAt: delivery.firstReceivedAt,
        reprocesses: delivery.reprocesses,
        source: queue.name,
        expiresAt: end ?? this.expiry(queue, message),
      })
    } else this.end(queue, group, delivery, 'dead-letter')
    return true
  }

  /** Keeps its id and gets a new place. Not for queues with consumer groups. */
  move(
    from: ModelQueue,
    group: ModelGroup,
    delivery: ModelDelivery,
    to: ModelQueue,
    end: number | undefined,
    receives: number,
    excused: number,
    source: string | null = from.name,
  ): void {
    group.deliveries = group.deliveries.filter((other) => other !== delivery)
    const { message } = delivery
    message.expiresAt = end ?? message.expiresAt ?? this.expiry(to, message)
    const position = this.nextPosition()
    const home = to.groups.get('default') as ModelGroup
    const { firstReceivedAt, reprocesses } = delivery
    this.#deliver(to, home, message, position, 0, { receives, excused, firstReceivedAt, reprocesses, source })
  }

  /** A dead letter goes back into its group, to its old place. */
  backIntoGroup(queue: ModelQueue, group: ModelGroup, dead: ModelGroup, delivery: ModelDelivery): void {
    dead.deliveries = dead.deliveries.filter((other) => other !== delivery)
    const { message, position, firstReceivedAt } = delivery
    const expiry = this.expiry(queue, message)
    message.expiresAt = expiry === null ? null : Math.max(expiry, delivery.expiresAt ?? 0)
    if (queue.settings.consumerGroups && !queue.retained.some(({ message: { id } }) => id === message.id)) {
      queue.retained.push({ message, position })
    }
    this.#deliver(queue, group, message, position, 0, { firstReceivedAt, broughtBack: true })
  }

  end(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery, outcome: string): void {
    group.deliveries = group.deliveries.filter((other) => other !== delivery)
    const { id } = delivery.message
    const isOwned = queue.retained.some(({ message }) => message.id === id)
    if (!isOwned && !this.#isSomewhere(queue, id)) this.ended.set(id, outcome)
  }

  /** For all groups; dead letters stay, since they have an end of their own. */
  endEverywhere(queue: ModelQueue, id: string, outcome: string): void {
    for (const group of queue.groups.values()) {
      group.deliveries = group.deliveries.filter(({ message }) => message.id !== id)
    }
    queue.retained = queue.retained.filter(({ message }) => message.id !== id)
    if (!this.#isSomewhere(queue, id)) this.ended.set(id, outcome)
  }

  #isSomewhere(queue: ModelQueue, id: string): boolean {
    const has = ({ deliveries }: ModelGroup) => deliveries.some(({ message }) => message.id === id)
    return [...queue.groups.values()].some(
      (group) => (!queue.settings.consumerGroups && has(group)) || (group.dead !== null && has(group.dead)),
    )
  }

  purge(queue: ModelQueue): number {
    const ids = new Set(queue.retained.map(({ message }) => message.id))
    for (const group of queue.groups.values()) {
      for (const { message } of [...group.deliveries, ...(group.dead?.deliveries ?? [])]) ids.add(message.id)
    }
    const purged = this.stored(queue)
    for (const id of ids) this.ended.set(id, 'purged')
    queue.retained = []
    queue.reservations.clear()
    for (const name of queue.groups.keys()) queue.groups.set(name, newGroup(name))
    return purged
  }

  expiry(queue: ModelQueue, message: ModelMessage): number | null {
    const { retentionMs } = queue.settings
    return message.expiresAt ?? (retentionMs === null ? null : message.sentAt + retentionMs)
  }

  // ---- time -------------------------------------------------------------------------------------------------------

  /** When something happens by itself next. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#timed()) next = Math.min(next, at)
    return next
  }

  /** Lets happen what has to have happened by now. */
  due(now: number): void {
    this.now = now
    for (let found = this.#timed(); found.some(({ at }) => at <= now); found = this.#timed()) {
      for (const { at, happen } of found) if (at <= now) happen()
    }
  }

  #timed(): { at: number; happen: () => void }[] {
    const timed: { at: number; happen: () => void }[] = []
    for (const queue of this.queues.values()) {
      for (const { message } of queue.retained) {
        const at = this.expiry(queue, message)
        if (at !== null) timed.push({ at, happen: () => this.endEverywhere(queue, message.id, 'expired') })
      }
      for (const group of queue.groups.values()) {
        for (const delivery of group.deliveries) timed.push(...this.#timedOf(queue, group, delivery))
        for (const delivery of group.dead?.deliveries ?? []) timed.push(...this.#timedOf(queue, group.dead!, delivery))
      }
    }
    return timed
  }

  #timedOf(queue: ModelQueue, group: ModelGroup, delivery: ModelDelivery): { at: number; happen: () => void }[] {
    const { message } = delivery
    const isThere = () => group.deliveries.includes(delivery)
    if (delivery.state === 'finished') {
      const outcome = outcomes[delivery.type as FinishedType]
      return [{ at: delivery.until, happen: () => isThere() && this.end(queue, group, delivery, outcome) }]
    }
    const expiry = group.dead === null ? delivery.expiresAt : this.expiry(queue, message)
    const isExpired = expiry !== null && expiry <= this.now
    const timed: { at: number; happen: () => void }[] = []
    if (expiry !== null && !(queue.settings.consumerGroups && group.dead !== null)) {
      timed.push({ at: expiry, happen: () => isThere() && this.end(queue, group, delivery, 'expired') })
    }
    if (delivery.state !== 'visible' && !isExpired) {
      const { until } = delivery
      const happen = () => {
        if (!isThere() || delivery.until !== until) return
        if (delivery.state === 'leased') this.endLease(queue, group, delivery)
        else if (delivery.state === 'delayed') this.#hide(delivery, 0)
      }
      timed.push({ at: until, happen })
    }
    return timed
  }
}

/** Serial numbers of messages rise. */
const ageOf = ({ id }: ModelMessage): number => Number.parseInt(id.slice(12), 16)

export const orderingKey = (queue: ModelQueue, { message, position }: ModelDelivery): string => {
  if (queue.settings.ordering === 'ordered') return ''
  return message.messageGroup === null ? `alone ${position}` : `group ${message.messageGroup}`
}
