import { isRefusal } from '../../../core/errors.ts'
import type { QueueView } from '../../../core/requests.ts'
import { mayKnow, requireScope } from '../access.ts'
import { created, noContent, ok } from '../answer.ts'
import { type Fields, field, fieldsOf } from '../json/fields.ts'
import type { Call, Operation } from '../operation.ts'
import { Refused } from '../problems.ts'
import { queueUuid, readersOf } from '../queue-ids.ts'
import {
  hoursRetained,
  isKafkaMode,
  type Mode,
  maxBatchBytes,
  minutesRetained,
  modeOf,
  modes,
  settingsOf,
} from '../queue-modes.ts'

export const createQueue: Operation = {
  name: 'createQueue',
  method: 'POST',
  paths: ['/queues'],
  summary: 'Create a queue of one of the four modes.',
  async run({ engine, account, principal, project, settings, body }) {
    const fields = fieldsOf(body, 10240009)
    const name = nameOf(fields)
    requireScope(principal, 'manage', name)
    const mode = choice(fields, 'queue_mode', modes, 'NORMAL')
    const retentionHours = retentionOf(fields, mode)
    const maxConsumeCount = consumeCountOf(fields, mode)
    const wanted = settingsOf({ mode, description: descriptionOf(fields), maxConsumeCount, retentionHours })
    try {
      const { queue } = await engine.createQueue({
        account,
        queue: name,
        settings: wanted,
        ifExists: 'refuse',
        maxQueues: settings.maxQueues,
      })
      const id = queueUuid(queue)
      return created({ id, name, ...kafkaTopic(project, id, mode) })
    } catch (error) {
      // A virtual queue of that name holds messages, and cannot become one with consumer groups.
      if (isRefusal(error, 'SettingInvalid') || isRefusal(error, 'QueueNotEmpty')) throw new Refused(10240017)
      throw error
    }
  },
}

export const listQueues: Operation = {
  name: 'listQueues',
  method: 'GET',
  paths: ['/queues'],
  summary: 'List the queues of the project.',
  async run(call) {
    const { query } = call
    const queues = await allQueues(call)
    const withDeadLetters = query.flag('include_deadletter', false)
    return ok({ total: queues.length, queues: queues.map((queue) => shown(queue, withDeadLetters)) })
  },
}

export const showQueue: Operation = {
  name: 'showQueue',
  method: 'GET',
  paths: ['/queues/{queue_id}'],
  summary: 'Show one queue.',
  async run({ places, account, principal, project, parameters: { queue_id = '' }, query }) {
    const queue = await places.queue(account, queue_id)
    if (!mayKnow(principal, queue.name)) throw new Refused(10240307)
    const topic = kafkaTopic(project, queueUuid(queue), modeOf(queue))
    return ok({ ...shown(queue, query.flag('include_deadletter', false)), ...topic })
  },
}

export const deleteQueue: Operation = {
  name: 'deleteQueue',
  method: 'DELETE',
  paths: ['/queues/{queue_id}'],
  summary: 'Delete a queue with all that is in it.',
  async run({ engine, places, account, principal, parameters: { queue_id = '' } }) {
    return places.inQueue(account, queue_id, async ({ address }) => {
      requireScope(principal, 'manage', address.queue)
      const { deleted } = await engine.deleteQueue(address)
      if (!deleted) throw new Refused(10240401)
      return noContent
    })
  },
}

/** The queues of the project that the key may do something with. */
export const allQueues = async ({ engine, account, principal }: Call): Promise<QueueView[]> => {
  const found: QueueView[] = []
  let after: string | null | undefined
  do {
    const page = await engine.listQueues({ account, limit: 1000, ...(after == null ? {} : { after }) })
    found.push(...page.queues.filter(({ name }) => mayKnow(principal, name)))
    after = page.next
  } while (after !== null)
  return found
}

const shown = (queue: QueueView, withDeadLetters: boolean) => {
  const { receiveLimit } = queue.settings
  const mode = modeOf(queue)
  return {
    id: queueUuid(queue),
    name: queue.name,
    queue_mode: mode,
    description: queue.settings.description,
    reservation: minutesRetained(queue),
    created: queue.createdAt,
    eff_date: queue.createdAt,
    max_msg_size_byte: maxBatchBytes,
    produced_messages: queue.messages,
    group_count: readersOf(queue).length,
    ...(withDeadLetters && !isKafkaMode(mode) && redrivePolicy(receiveLimit)),
  }
}

const redrivePolicy = (receiveLimit: number | null) =>
  receiveLimit === null ? { redrive_policy: 'disable' } : { redrive_policy: 'enable', max_consume_count: receiveLimit }

const kafkaTopic = (project: string, id: string, mode: Mode) =>
  isKafkaMode(mode) ? { kafka_topic: `k-${project}-${id}` } : {}

// ---- what is said of a new queue ----------------------------------------------------------------------------------

const nameOf = (fields: Fields): string => {
  const name = field(fields, 'name') ?? ''
  if (typeof name !== 'string') throw new Refused(10240009, 'name must be a text.')
  if (name.length < 1 || name.length > 64) throw new Refused(10240011)
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new Refused(10240007)
  return name
}

const descriptionOf = (fields: Fields): string => {
  const description = field(fields, 'description') ?? ''
  if (typeof description !== 'string') throw new Refused(10240009, 'description must be a text.')
  if ([...description].length > 160) throw new Refused(10240013)
  if (/[<>]/.test(description) || !description.isWellFormed()) throw new Refused(10240010)
  return description
}

const choice = <Value extends string>(
  fields: Fields,
  name: string,
  values: readonly Value[],
  standard: Value,
): Value => {
  const given = field(fields, name)
  if (given === undefined) return standard
  const value = values.find((candidate) => candidate === given)
  if (value === undefined) throw new Refused(10240009, `${name} must be one of ${values.join(', ')}.`)
  return value
}

const retentionOf = (fields: Fields, mode: Mode): number => {
  const hours = field(fields, 'retention_hours')
  if (hours === undefined) return hoursRetained
  if (!isKafkaMode(mode)) throw new Refused(10240028)
  if (!isWhole(hours, 1, hoursRetained)) throw new Refused(10240027)
  return hours
}

/** Kafka queues have no dead letters, and clients say so of them, too; whatever they say means nothing. */
const consumeCountOf = (fields: Fields, mode: Mode): number | undefined => {
  const policy = choice(fields, 'redrive_policy', ['enable', 'disable'], 'disable')
  const count = field(fields, 'max_consume_count')
  if (policy === 'disable' || isKafkaMode(mode)) return undefined
  if (!isWhole(count, 1, 100)) throw new Refused(10240022)
  return count
}

const isWhole = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
