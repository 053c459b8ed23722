import { Refusal } from '../errors.ts'
import { isMailto } from '../mailto.ts'
import { sealTarget } from '../push-secrets.ts'
import type { PushTarget } from '../push-target.ts'
import type { Ordering, QueueRecord } from '../queue.ts'
import type { Step } from '../step.ts'
import { publicIdOf } from './public-id.ts'

/**
 * All targets of the store, each under its queue's id and its group's name, so that whoever calls them finds them without looking at every
 * queue. Written in the step that changes the setting.
 */
export const pushTargetCollection = 'push-target'
/** One document, whose value is another one after each change of a target. */
export const pushRevision = { collection: 'push-target-revision', key: 'all' } as const

/** What is written of a target. */
export interface PushTargetRecord {
  readonly account: string
  readonly queueId: number
  readonly queue: string
  /** Of the queue, as APIs name it that know ids. */
  readonly publicId: string
  readonly group: string
  readonly ordering: Ordering
  readonly target: PushTarget
}

/** The group that a queue's own target is called for. */
const ownTarget = 'default'

const keyOf = (queue: QueueRecord, group: string): string => `${queue.id}/${group}`

export const putPushTarget = (step: Step, queue: QueueRecord, group: string, target: PushTarget): void => {
  const { account, id: queueId, name } = queue
  const { ordering } = queue.settings
  const value: PushTargetRecord = {
    account,
    queueId,
    queue: name,
    publicId: publicIdOf(queue),
    group,
    ordering,
    target,
  }
  const key = keyOf(queue, group)
  const known = step.tx.document(pushTargetCollection, key)
  if (known && JSON.stringify(known.value) === JSON.stringify(value)) return
  step.writes++
  step.tx.putDocument({ collection: pushTargetCollection, key, value, expiresAt: null })
  targetsChanged(step)
}

export const removePushTarget = (step: Step, queue: QueueRecord, group: string): void => {
  const key = keyOf(queue, group)
  if (!step.tx.document(pushTargetCollection, key)) return
  step.writes++
  step.tx.removeDocument(pushTargetCollection, key)
  targetsChanged(step)
}

/** All targets of a queue follow its settings, as these are now. */
export const notePushTargets = (step: Step, before: QueueRecord | undefined, now: QueueRecord): void => {
  if (now.settings.push) putPushTarget(step, now, ownTarget, now.settings.push)
  else if (before?.settings.push) removePushTarget(step, now, ownTarget)
  for (const { name, subscription } of now.groups)
    if (subscription?.push) putPushTarget(step, now, name, subscription.push)
}

/** A queue is gone. */
export const forgetPushTargets = (step: Step, queue: QueueRecord): void => {
  if (queue.settings.push) removePushTarget(step, queue, ownTarget)
  for (const { name, subscription } of queue.groups) if (subscription?.push) removePushTarget(step, queue, name)
}

const targetsChanged = (step: Step): void => {
  const document = { ...pushRevision, value: step.tx.takeNumbers(1), expiresAt: null }
  step.tx.putDocument(document)
  step.after.pushTargets = true
}

/** A target that calls can be made to, with its secrets sealed. Those that `before` has already stay as they are. */
export const readyTarget = (
  step: Step,
  account: string,
  target: PushTarget,
  before: PushTarget | null | undefined,
): PushTarget => {
  if (!step.sendsMail && isMailto(target.url)) {
    const reason = 'must be http or https: this server has no push.mailServer configured to send mail through'
    throw new Refusal('SettingInvalid', { setting: 'push.url', reason })
  }
  return sealTarget(step.secrets, account, target, before)
}
