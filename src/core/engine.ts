import { BackgroundWork, dueSlice } from './background-work.ts'
import type { Clock, Random } from './clock.ts'
import type { Phase } from './commits.ts'
import { Commits } from './commits.ts'
import type { DayOf } from './days.ts'
import { daysInUtc } from './days.ts'
import type { QueueEngine } from './engine-api.ts'
import { Refusal } from './errors.ts'
import { parseReceiptHandle } from './ids.ts'
import type { EngineLimits } from './limits.ts'
import { defaultLimits } from './limits.ts'
import { Neighbours } from './neighbours.ts'
import { observed, observedReceive, observedSettle } from './observed.ts'
import type { EngineObserver } from './observer.ts'
import { acknowledge } from './operations/acknowledge.ts'
import { browse, getMessages, queueSpan } from './operations/browse.ts'
import { startAction } from './operations/bulk.ts'
import { claim, getClaim, releaseClaim, renewClaim } from './operations/claims.ts'
import { deleteMessages } from './operations/delete-messages.ts'
import { messageDetails } from './operations/details.ts'
import { documentsOf, unexpired } from './operations/documents.ts'
import { processDue } from './operations/due.ts'
import { createGroup, createGroups, deleteGroup } from './operations/groups.ts'
import { actOnMessages } from './operations/operate.ts'
import {
  createQueue,
  deleteQueue,
  findQueue,
  getQueue,
  listQueues,
  purgeQueue,
  updateQueue,
} from './operations/queues.ts'
import { pop, receive } from './operations/receive.ts'
import { startRedrive } from './operations/redrive.ts'
import { send } from './operations/send.ts'
import { settle } from './operations/settle.ts'
import { status } from './operations/status.ts'
import { updateGroup } from './operations/subscribers.ts'
import { cancelTask, getTask, listTasks } from './operations/tasks.ts'
import { queueKey, waitKey } from './queue-keys.ts'
import { QueueWorkers } from './queue-workers.ts'
import { Receiving } from './receiving.ts'
import type { Acknowledge, QueueView, Send, Settle } from './requests.ts'
import { countMessages, searchMessages } from './searching.ts'
import type { SecretBox } from './secrets.ts'
import { sharedClock } from './shared-clock.ts'
import type { Step } from './step.ts'
import type { Prefetch, Store } from './store.ts'
import type { JsonSchemas } from './structure/declared.ts'
import { Structures } from './structure/structures.ts'
import { WaitingList } from './waiting.ts'

export interface EngineOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly limits?: Partial<EngineLimits>
  readonly observer?: EngineObserver
  /** When days begin, for what is counted by the day; default: at midnight UTC. */
  readonly dayOf?: DayOf
  /** Compiles declared structures in the form of JSON Schema; without it they are refused. */
  readonly jsonSchemas?: JsonSchemas
  /** Seals the secrets of push targets; without it they are refused. */
  readonly secrets?: SecretBox
  /** Whether push targets may be mailboxes; without it they are refused. */
  readonly sendsMail?: boolean
  /** Default: `setImmediate`. */
  readonly turn?: (run: () => void) => void
}

/** Takes up what an earlier run left to be done, and serves every verb of core over a store. */
export const createEngine = (options: EngineOptions): QueueEngine => new Engine(options)

class Engine implements QueueEngine {
  readonly #limits: EngineLimits
  readonly #commits: Commits
  readonly #waiting: WaitingList
  readonly #receiving: Receiving
  readonly #background: BackgroundWork
  readonly #neighbours: Neighbours | undefined
  readonly #observer: EngineObserver | undefined
  readonly #workers: QueueWorkers
  readonly #pushWatchers = new Set<() => void>()
  #stopping = false

  constructor(options: EngineOptions) {
    const { store, random, observer, dayOf = daysInUtc } = options
    const clock = store.shared ? sharedClock(options.clock, store.shared) : options.clock
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#observer = observer
    this.#workers = new QueueWorkers(clock)
    this.#waiting = new WaitingList(clock, this.#limits.maxWaiting, observer && ((change) => observer.waiting(change)))
    this.#commits = new Commits({
      store,
      clock,
      random,
      limits: this.#limits,
      dayOf,
      turn: options.turn ?? setImmediate,
      observer,
      structures: new Structures(options.jsonSchemas),
      secrets: options.secrets,
      sendsMail: options.sendsMail ?? false,
      processDue: (step) => processDue(step, dueSlice),
      committed: (after) => {
        for (const event of after.events ?? []) observer?.verb(event)
        for (const { queue, group, holder, difference } of after.held ?? []) {
          this.#workers.holds(queueKey(queue.account, queue.name), group.name, holder, difference)
        }
        if (after.readied || after.changedQueues) this.#receiving.changed()
        for (const { queue, group, count } of after.readied?.values() ?? []) {
          if (this.#waiting.size === 0) break
          const { account, name } = queue
          // What became ready may have been taken in the same commit; one look too many costs little.
          this.#waiting.wake(queueKey(account, name), waitKey(account, name, group), Math.max(1, count))
        }
        for (const key of after.changedQueues ?? []) this.#waiting.wakeQueue(key)
        if (after.backgroundWork) this.#background.work()
        if (after.pushTargets) for (const changed of this.#pushWatchers) changed()
        this.#background.committed()
      },
    })
    this.#receiving = new Receiving({ commits: this.#commits, waiting: this.#waiting, limits: this.#limits })
    this.#background = new BackgroundWork({ store, clock, random, commits: this.#commits, limits: this.#limits })
    this.#background.start()
    this.#neighbours =
      store.shared &&
      new Neighbours({
        store: store.shared,
        clock,
        waiting: this.#waiting,
        changed: () => this.#receiving.changed(),
        lookForWork: () => this.#background.look(),
      })
    this.#neighbours?.start()
  }

  createQueue: QueueEngine['createQueue'] = (request) => this.#run((step) => createQueue(step, request))
  getQueue: QueueEngine['getQueue'] = async (request) =>
    this.#withWorkers(await this.#view((step) => getQueue(step, request)))
  findQueue: QueueEngine['findQueue'] = (request) => this.#view((step) => findQueue(step, request))
  listQueues: QueueEngine['listQueues'] = async (request) => {
    const { queues, next } = await this.#view((step) => listQueues(step, request))
    return { queues: request.overview ? queues.map((queue) => this.#withWorkers(queue)) : queues, next }
  }
  updateQueue: QueueEngine['updateQueue'] = (request) => this.#run((step) => updateQueue(step, request))
  deleteQueue: QueueEngine['deleteQueue'] = (request) => this.#run((step) => deleteQueue(step, request))
  purgeQueue: QueueEngine['purgeQueue'] = (request) =>
    observed(
      this.#observer,
      'purge',
      request,
      this.#run((step) => purgeQueue(step, request)),
      ({ purged }) => purged,
    )
  queueSpan: QueueEngine['queueSpan'] = (request) => this.#view((step) => queueSpan(step, request))

  createGroup: QueueEngine['createGroup'] = (request) => this.#run((step) => createGroup(step, request))
  createGroups: QueueEngine['createGroups'] = (request) => this.#run((step) => createGroups(step, request))
  updateGroup: QueueEngine['updateGroup'] = (request) => this.#run((step) => updateGroup(step, request))
  deleteGroup: QueueEngine['deleteGroup'] = (request) => this.#run((step) => deleteGroup(step, request))

  send: QueueEngine['send'] = (request) => {
    // Whoever waits for it looks in the same commit, behind the send.
    if (this.#waiting.size > 0) {
      this.#waiting.wakeQueue(queueKey(request.account, request.queue), request.messages.length)
    }
    const sending = this.#submit('send', weightOf(request), [queueOf(request)], (step) => send(step, request))
    const stored = (sent: Awaited<typeof sending>) => sent.filter(({ duplicate }) => !duplicate).length
    const outcome = (sent: Awaited<typeof sending>) => (stored(sent) === 0 ? 'duplicate' : 'ok')
    return observed(this.#observer, 'send', request, sending, stored, outcome)
  }

  receive: QueueEngine['receive'] = (request) => {
    const receiving = this.#receiving.receive(request, (step) => receive(step, request))
    const { account, queue, group = 'default', holder } = request
    if (holder) this.#workers.receives(queueKey(account, queue), group, holder, receiving)
    return observedReceive(this.#observer, request, receiving)
  }

  pop: QueueEngine['pop'] = (request) =>
    observedReceive(
      this.#observer,
      request,
      this.#receiving.receive(request, (step) => pop(step, request)),
    )

  claim: QueueEngine['claim'] = (request) => {
    const claiming = this.#submit('receive', request.maxMessages, [queueOf(request)], (step) => claim(step, request))
    return observed(this.#observer, 'receive', request, claiming, (view) => view?.messages.length ?? 0)
  }
  getClaim: QueueEngine['getClaim'] = (request) => this.#view((step) => getClaim(step, request))
  renewClaim: QueueEngine['renewClaim'] = (request) => this.#run((step) => renewClaim(step, request))
  releaseClaim: QueueEngine['releaseClaim'] = (request) => this.#run((step) => releaseClaim(step, request))

  settle: QueueEngine['settle'] = (request) => {
    const settling = this.#submit('settle', request.entries.length, prefetchOf(request), (step) =>
      settle(step, request),
    )
    return observedSettle(this.#observer, request, settling)
  }

  acknowledge: QueueEngine['acknowledge'] = (request) => {
    const weight = request.entries.length
    const acknowledging = this.#submit('settle', weight, prefetchOf(request), (step) => acknowledge(step, request))
    return observed(this.#observer, 'delete', request, acknowledging, ({ succeeded }) => succeeded)
  }

  deleteMessages: QueueEngine['deleteMessages'] = (request) => {
    const deleting = this.#submit('settle', request.ids.length, [queueOf(request)], (step) =>
      deleteMessages(step, request),
    )
    const changed = (results: Awaited<typeof deleting>) =>
      results.filter((result) => result.ok && result.value.changed).length
    return observed(this.#observer, 'delete', request, deleting, changed)
  }

  getMessages: QueueEngine['getMessages'] = (request) => this.#view((step) => getMessages(step, request))
  browse: QueueEngine['browse'] = async (request) => {
    let slice = await this.#view((step) => browse(step, request))
    // Where few match, it looks on in commits of their own, so that others are not held up.
    while (!slice.isOver && slice.marker !== null) {
      const { marker } = slice
      slice = await this.#slices((step) => browse(step, { ...request, marker }))
    }
    return { messages: slice.messages, marker: slice.marker }
  }
  status: QueueEngine['status'] = (request) => this.#view((step) => status(step, request))

  searchMessages: QueueEngine['searchMessages'] = (request) => searchMessages(this.#slices, request, this.#limits)
  countMessages: QueueEngine['countMessages'] = (request) => countMessages(this.#slices, request)
  messageDetails: QueueEngine['messageDetails'] = (request) => this.#view((step) => messageDetails(step, request))
  actOnMessages: QueueEngine['actOnMessages'] = (request) =>
    this.#submit('in-order', request.ids.length, [queueOf(request)], (step) => actOnMessages(step, request))
  startAction: QueueEngine['startAction'] = (request) => this.#run((step) => startAction(step, request))
  queueWorkers: QueueEngine['queueWorkers'] = async (request) => {
    await this.#view((step) => step.requireQueue(request))
    return this.#workers.list(queueKey(request.account, request.queue))
  }

  startRedrive: QueueEngine['startRedrive'] = (request) => this.#run((step) => startRedrive(step, request))
  getTask: QueueEngine['getTask'] = (request) => this.#view((step) => getTask(step, request))
  listTasks: QueueEngine['listTasks'] = (request) => this.#view((step) => listTasks(step, request))
  cancelTask: QueueEngine['cancelTask'] = (request) => this.#run((step) => cancelTask(step, request))

  getDocument: QueueEngine['getDocument'] = (collection, key) =>
    this.#view((step) => documentsOf(step).get(collection, key))
  listDocuments: QueueEngine['listDocuments'] = (query) =>
    this.#view((step) => step.tx.documents(query).filter((document) => unexpired(step, document) !== undefined))
  putDocument: QueueEngine['putDocument'] = (document, options) =>
    this.changeDocuments((documents) => {
      if (options?.ifAbsent && documents.get(document.collection, document.key)) return false
      documents.put(document)
      return true
    })
  removeDocument: QueueEngine['removeDocument'] = (collection, key) =>
    this.changeDocuments((documents) => documents.remove(collection, key))
  changeDocuments: QueueEngine['changeDocuments'] = (change) => this.#run((step) => change(documentsOf(step)))

  watchPushTargets: QueueEngine['watchPushTargets'] = (changed) => {
    this.#pushWatchers.add(changed)
    return () => this.#pushWatchers.delete(changed)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#neighbours?.stop()
    this.#receiving.stop()
    this.#background.stop()
    await this.#commits.idle()
  }

  readonly #slices = <Result>(run: (step: Step) => Result): Promise<Result> =>
    this.#submit('view', sliceWeight, undefined, run)

  #withWorkers(view: QueueView): QueueView {
    if (!view.overview) return view
    const { length: workers } = this.#workers.list(queueKey(view.account, view.name))
    return { ...view, overview: { ...view.overview, workers } }
  }

  #view<Result>(run: (step: Step) => Result): Promise<Result> {
    return this.#submit('view', 1, undefined, run)
  }

  #run<Result>(run: (step: Step) => Result): Promise<Result> {
    return this.#submit('in-order', 1, undefined, run)
  }

  #submit<Result>(
    phase: Phase,
    weight: number,
    prefetch: readonly Prefetch[] | undefined,
    run: (step: Step) => Result,
  ): Promise<Result> {
    if (this.#stopping) return Promise.reject(new Refusal('ShuttingDown', {}))
    return new Promise((resolve, reject) => {
      this.#commits.submit({
        phase,
        weight,
        ...(prefetch ? { prefetch } : {}),
        run,
        done: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value)),
      })
    })
  }
}

/** In messages; large ones weigh more, since a commit must not take long to write either. */
const weightOf = (request: Send): number => {
  let bytes = 0
  for (const { body } of request.messages) bytes += body.byteLength
  return Math.max(request.messages.length, bytes / bytesPerWeight)
}

const bytesPerWeight = 8192

/** Of a slice of a search. */
const sliceWeight = 500

const queueOf = (request: { account: string; queue: string }): Prefetch => ({
  read: 'queue',
  account: request.account,
  name: request.queue,
})

const prefetchOf = (request: Settle | Acknowledge): readonly Prefetch[] => {
  const prefetch = [queueOf(request)]
  for (const { receiptHandle } of request.entries) {
    const lease = parseReceiptHandle(receiptHandle)
    if (lease) prefetch.push({ read: 'item', groupId: lease.groupId, position: lease.position })
  }
  return prefetch
}
