import type { QueueView } from '../../../core/requests.ts'
import { ok } from '../answer.ts'
import { type Fields, field, fieldsOf, isFields } from '../json/fields.ts'
import type { Operation } from '../operation.ts'
import { type Code, Refused } from '../problems.ts'
import { queueUuid } from '../queue-ids.ts'
import { tagList } from './queue-tags.ts'
import { allQueues } from './queues.ts'

export const searchQueues: Operation = {
  name: 'searchQueues',
  method: 'POST',
  paths: ['/queue/resource_instances/action'],
  summary: 'Find queues by their tags and names.',
  async run(call) {
    const fields = fieldsOf(call.body, 10240009)
    const action = field(fields, 'action')
    if (action !== 'filter' && action !== 'count') throw new Refused(10240041)
    const matches = matcherOf(fields)
    const limit = wholeOf(fields, 'limit', { min: 1, max: 1000, standard: 1000, code: 10240042 })
    const offset = wholeOf(fields, 'offset', { min: 0, max: 999_999_999, standard: 0, code: 10240043 })
    const found = (await allQueues(call)).filter(matches)
    if (action === 'count') return ok({ total_count: found.length })
    return ok({ resources: found.slice(offset, offset + limit).map(shown), total_count: found.length })
  },
}

const shown = (queue: QueueView) => ({
  resource_id: queueUuid(queue),
  resource_name: queue.name,
  resource_detail: null,
  tags: tagList(queue.settings.tags),
})

const matcherOf = (fields: Fields): ((queue: QueueView) => boolean) => {
  const [all, any, notAll, notAny] = ['tags', 'tags_any', 'not_tags', 'not_tags_any'].map((name) =>
    conditionsOf(fields, name),
  )
  const parts = namesOf(fields)
  return ({ name, settings: { tags } }) => {
    const holds = ({ key, values }: Condition) => {
      const value = Object.hasOwn(tags, key) ? tags[key] : undefined
      return value !== undefined && (values.length === 0 || values.includes(value))
    }
    return (
      (!all || all.every(holds)) &&
      (!any || any.some(holds)) &&
      !notAll?.every(holds) &&
      !notAny?.some(holds) &&
      parts.every((part) => name.includes(part))
    )
  }
}

interface Condition {
  readonly key: string
  /** One of them; none: any value. */
  readonly values: readonly string[]
}

/** Undefined when nothing is asked for. */
const conditionsOf = (fields: Fields, name: string): Condition[] | undefined => {
  const list = listOf(fields, name)
  if (list.length > 10) throw new Refused(10240044)
  if (list.length === 0) return undefined
  return list.map((entry) => {
    const key = field(entry, 'key')
    const values = field(entry, 'values') ?? []
    const areTexts = Array.isArray(values) && values.every((value) => typeof value === 'string')
    if (typeof key !== 'string' || !areTexts) {
      throw new Refused(10240009, `Each of ${name} must have a key, and values that are texts.`)
    }
    return { key, values }
  })
}

const namesOf = (fields: Fields): string[] =>
  listOf(fields, 'matches').map((entry) => {
    const value = field(entry, 'value')
    if (field(entry, 'key') !== 'resource_name' || typeof value !== 'string') {
      throw new Refused(10240009, 'Each of matches must have the key resource_name and a value that is a text.')
    }
    return value
  })

const listOf = (fields: Fields, name: string): Fields[] => {
  const list = field(fields, name) ?? []
  if (!Array.isArray(list) || !list.every(isFields)) throw new Refused(10240009, `${name} must be a list of objects.`)
  return list
}

/** Numbers are written as texts here; clients send either. */
const wholeOf = (
  fields: Fields,
  name: string,
  range: { min: number; max: number; standard: number; code: Code },
): number => {
  const given = field(fields, name) ?? ''
  if (given === '') return range.standard
  const value = /^\d{1,9}$/.test(String(given)) ? Number(given) : Number.NaN
  if (value >= range.min && value <= range.max) return value
  throw new Refused(range.code)
}
