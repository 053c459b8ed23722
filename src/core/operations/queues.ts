import { isDeepStrictEqual } from 'node:util'
import { checkQueueName } from '../addressed.ts'
import { ask } from '../declined.ts'
import { Refusal } from '../errors.ts'
import type { GroupRecord, QueueRecord, QueueSettings, QueueSettingsPatch } from '../queue.ts'
import { ownerGroup, readsAlong, total } from '../queue.ts'
import { queueKey } from '../queue-keys.ts'
import type {
  CreateQueue,
  GetQueue,
  GroupView,
  ListQueues,
  QueueAddress,
  QueuePage,
  QueueView,
  UpdateQueue,
} from '../requests.ts'
import { applySettings, checkSettingsChange, defaultSettings, presets } from '../settings.ts'
import type { Step } from '../step.ts'
import { discardGroups } from './discard.ts'
import { noteChangedHistory } from './forget-steps.ts'
import { queueOverview } from './overview.ts'
import { checkPublicId, indexPublicId, publicIdOf, queueByPublicId } from './public-id.ts'
import { notePushTargets, readyTarget } from './push-targets.ts'
import { isBackfilling } from './receivers.ts'
import { shownCounts } from './tag-rules.ts'

export const createQueue = (step: Step, request: CreateQueue): { queue: QueueView; created: boolean } => {
  const { preset, ...rest } = request
  if (preset === undefined) return createAsTold(step, rest)
  if (!Object.hasOwn(presets, preset)) {
    throw new Refusal('ArgumentInvalid', {
      argument: 'preset',
      reason: `must be one of ${Object.keys(presets).join(', ')}`,
    })
  }
  return createAsTold(step, { ...rest, settings: { ...presets[preset], ...rest.settings } })
}

const createAsTold = (step: Step, request: Omit<CreateQueue, 'preset'>): { queue: QueueView; created: boolean } => {
  checkQueueName(request.queue, step.limits)
  const existing = step.tx.queue(request.account, request.queue)
  if (!existing?.explicit) checkRoom(step, request)
  if (!existing) {
    const settings = nextSettings(step, request.account, defaultSettings, request)
    checkPublicId(step, request.account, settings.publicId)
    const queue = step.createQueue(request.account, request.queue, settings, true)
    indexPublicId(step, queue, null, settings.publicId)
    notePushTargets(step, undefined, queue)
    return { queue: viewQueue(step, queue), created: true }
  }
  if (existing.explicit) {
    checkExisting(step, existing, request)
    return { queue: viewQueue(step, existing), created: false }
  }
  if (request.settings?.consumerGroups && !step.isThere(existing)) {
    // Nobody sees the record that is left of a virtual queue, so it may not stand in the way of what it cannot become.
    discardGroups(step, existing)
    return createAsTold(step, request)
  }
  // A virtual queue becomes an explicit one, with the settings given.
  const before = step.isThere(existing) ? existing.settings : defaultSettings
  const queue = changeSettings(step, existing, nextSettings(step, existing.account, before, request))
  return { queue: viewQueue(step, queue), created: true }
}

const checkRoom = (step: Step, { account, maxQueues }: CreateQueue): void => {
  if (maxQueues === undefined) return
  // Where a store does several transactions at once, two of them might each see the last room: only one can change this record.
  const place = { collection: quotas, key: account }
  step.tx.document(place.collection, place.key)
  const limit = 1000
  let explicit = 0
  let page = step.tx.queues({ account, limit })
  while (true) {
    explicit += page.filter((queue) => queue.explicit).length
    if (explicit >= maxQueues) throw new Refusal('TooManyQueues', { limit: maxQueues })
    const after = page.at(-1)?.name
    if (after === undefined || page.length < limit) break
    page = step.tx.queues({ account, after, limit })
  }
  step.writes++
  step.tx.putDocument({ ...place, value: null, expiresAt: null })
}

const quotas = 'queue-quota'

/** The settings that a request leads to, checked, with its secrets sealed. */
const nextSettings = (
  step: Step,
  account: string,
  current: QueueSettings,
  request: { readonly queue: string; readonly settings?: QueueSettingsPatch },
): QueueSettings => {
  const settings = applySettings(current, request.settings ?? {}, request.queue)
  if (settings.input && settings.input !== current.input) step.structures.check(settings.input)
  if (!settings.push || settings.push === current.push) return settings
  return { ...settings, push: readyTarget(step, account, settings.push, current.push) }
}

const checkExisting = (step: Step, queue: QueueRecord, request: CreateQueue): void => {
  if (request.ifExists === undefined || request.ifExists === 'keep') return
  if (request.ifExists === 'refuse') throw new Refusal('QueueExists', { queue: queue.name, setting: 'name' })
  const wanted = nextSettings(step, queue.account, queue.settings, request)
  for (const setting of Object.keys(request.settings ?? {}) as (keyof QueueSettings)[]) {
    if (!isDeepStrictEqual(wanted[setting], queue.settings[setting])) {
      throw new Refusal('QueueExists', { queue: queue.name, setting })
    }
  }
}

/**
 * New settings count for stored messages as follows: retention at once, for those that inherit it; receive limit, dead letter queue, history
 * and what is kept of finished messages from the next event of each message on; visibility timeout and delay only for later receives and sends.
 */
export const updateQueue = (step: Step, request: UpdateQueue): QueueView => {
  const queue = requireThere(step, request)
  const patch = typeof request.settings === 'function' ? ask(request.settings, queue.settings) : request.settings
  const wanted = nextSettings(step, queue.account, queue.settings, { queue: queue.name, settings: patch })
  return viewQueue(step, changeSettings(step, queue, wanted))
}

const changeSettings = (step: Step, before: QueueRecord, settings: QueueSettings): QueueRecord => {
  const reprocessing = before.groups.reduce((sum, group) => sum + step.tx.counts(group.id).reprocessing, 0)
  checkPublicId(step, before.account, settings.publicId, before)
  checkSettingsChange(before, settings, { messages: step.storedMessages(before), reprocessing })
  const queue = { ...before, explicit: true, settings, modifiedAt: step.now }
  const { groups: _groups, ...record } = queue
  step.writes++
  step.tx.putQueue(record)
  indexPublicId(step, queue, before.settings.publicId, settings.publicId)
  notePushTargets(step, before, queue)
  if ((before.settings.history === 'steps') !== (settings.history === 'steps')) noteChangedHistory(step, queue.id)
  if (settings.retentionMs !== before.settings.retentionMs && settings.retentionMs !== null) {
    step.tx.putRetentionMark({ queueId: queue.id, checkAt: step.now, cursor: 0 })
  }
  step.after.queueChanged(queueKey(queue.account, queue.name))
  return queue
}

export const getQueue = (step: Step, request: GetQueue): QueueView =>
  viewQueue(step, requireThere(step, request), request.overview)

export const findQueue = (step: Step, request: { account: string; nameOrId: string }): QueueView | null => {
  const { account, nameOrId } = request
  const found = queueByPublicId(step, account, nameOrId)
  const queue = found && step.isThere(found) ? found : step.tx.queue(account, nameOrId)
  return queue && step.isThere(queue) ? viewQueue(step, queue) : null
}

const requireThere = (step: Step, request: QueueAddress): QueueRecord => {
  const queue = step.requireQueue(request)
  if (!step.isThere(queue)) throw new Refusal('QueueNotFound', { queue: request.queue })
  return queue
}

export const listQueues = (step: Step, request: ListQueues): QueuePage => {
  const limit = request.limit ?? 100
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
    throw new Refusal('ArgumentInvalid', { argument: 'limit', reason: 'must be a whole number from 1 to 10000' })
  }
  const queues: QueueView[] = []
  let { after } = request
  while (true) {
    const found = step.tx.queues({
      account: request.account,
      ...(request.prefix === undefined ? {} : { prefix: request.prefix }),
      ...(after === undefined ? {} : { after }),
      limit: limit + 1,
    })
    for (const queue of found) {
      if (queues.length === limit) return { queues, next: after ?? null }
      after = queue.name
      if (request.includeEmptyVirtual || step.isThere(queue)) {
        queues.push(viewQueue(step, queue, request.overview))
      }
    }
    if (found.length <= limit) return { queues, next: null }
  }
}

export const deleteQueue = (step: Step, request: QueueAddress): { deleted: boolean } => {
  const queue = step.queueOf(request)
  if (!queue) return { deleted: false }
  const deleted = step.isThere(queue)
  discardGroups(step, queue)
  return { deleted }
}

/** Empties the queue at once by giving it new groups; the old ones are removed in slices that nobody waits for. */
export const purgeQueue = (step: Step, request: QueueAddress): { purged: number } => {
  const queue = step.queueOf(request)
  if (!queue) return { purged: 0 }
  const purged = step.storedMessages(queue)
  discardGroups(step, queue, { keepQueue: true })
  if (!queue.explicit) step.noteLessened(queue)
  for (const group of queue.groups) {
    if (group.kind === 'dead-letters') continue
    const { createdAt, door, tagRule, subscription } = group
    step.createGroup(queue.id, group.kind, group.name, { createdAt, door, tagRule, subscription })
  }
  return { purged }
}

export const viewQueue = (step: Step, queue: QueueRecord, overview = false): QueueView => {
  const owner = ownerGroup(queue)
  const counts = { ...step.tx.counts(owner.id) }
  return {
    id: queue.id,
    account: queue.account,
    name: queue.name,
    publicId: publicIdOf(queue),
    explicit: queue.explicit,
    settings: queue.settings,
    createdAt: queue.createdAt,
    modifiedAt: queue.modifiedAt,
    messages: total(counts),
    counts,
    groups: queue.groups
      .filter((group) => group.kind === 'default' || readsAlong(group))
      .map((group) => viewGroup(step, queue, group)),
    ...(overview ? { overview: { ...queueOverview(step, queue), workers: 0 } } : {}),
  }
}

export const viewGroup = (step: Step, queue: QueueRecord, group: GroupRecord): GroupView => {
  const dead = queue.groups.find((candidate) => candidate.deadLettersOf === group.id)
  return {
    id: group.id,
    name: group.name,
    kind: group.kind,
    createdAt: group.createdAt,
    counts: shownCounts(step, group),
    deadLetters: dead ? { ...step.tx.counts(dead.id) } : null,
    pending: isBackfilling(group) ? total(step.tx.counts(ownerGroup(queue).id)) - group.backfilled : 0,
    tagRule: group.tagRule,
    door: group.door,
    subscription: group.subscription,
  }
}
