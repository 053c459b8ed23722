import { requireScope } from '../access.ts'
import { type Answer, noContent, ok } from '../answer.ts'
import { field, fieldsOf, isFields } from '../json/fields.ts'
import type { Call, Operation } from '../operation.ts'
import { Refused } from '../problems.ts'
import { allQueues } from './queues.ts'

type Tags = Readonly<Record<string, string>>

const mostTags = 10

export const addQueueTag: Operation = {
  name: 'addQueueTag',
  method: 'POST',
  paths: ['/queue/{queue_id}/tags'],
  summary: 'Put a tag on a queue, in place of one with the same key.',
  run(call) {
    const { key, value } = tagOf(field(fieldsOf(call.body, 10240009), 'tag'))
    return change(call, (tags) => withTags(tags, [[key, value]]))
  },
}

export const changeQueueTags: Operation = {
  name: 'changeQueueTags',
  method: 'POST',
  paths: ['/queue/{queue_id}/tags/action'],
  summary: 'Put tags on a queue, or take them off: all or none.',
  run(call) {
    const fields = fieldsOf(call.body, 10240009)
    const action = field(fields, 'action')
    if (action !== 'create' && action !== 'delete') throw new Refused(10240040)
    const list = field(fields, 'tags')
    if (!Array.isArray(list) || list.length === 0) throw new Refused(10240009, 'tags must be a list of tags.')
    if (action === 'delete') {
      const wanted = list.map(tagToRemove)
      return change(call, (tags) => without(tags, (key, value) => wanted.some((tag) => isMeant(tag, key, value))))
    }
    const given = list.map(tagOf)
    if (given.length > mostTags) throw new Refused(10240044)
    if (new Set(given.map(({ key }) => key)).size < given.length) throw new Refused(10240045)
    return change(call, (tags) =>
      withTags(
        tags,
        given.map(({ key, value }): [string, string] => [key, value]),
      ),
    )
  },
}

export const listQueueTags: Operation = {
  name: 'listQueueTags',
  method: 'GET',
  paths: ['/queue/{queue_id}/tags'],
  summary: 'List the tags of a queue.',
  async run({ places, account, principal, parameters: { queue_id = '' } }) {
    const { name, settings } = await places.queue(account, queue_id)
    requireScope(principal, 'manage', name)
    return ok({ tags: tagList(settings.tags) })
  },
}

export const removeQueueTag: Operation = {
  name: 'removeQueueTag',
  method: 'DELETE',
  paths: ['/queue/{queue_id}/tags/{key}'],
  summary: 'Take a tag off a queue.',
  run(call) {
    const { key: wanted } = call.parameters
    return change(call, (tags) => {
      const rest = without(tags, (key) => key === wanted)
      if (Object.keys(rest).length === Object.keys(tags).length) throw new Refused(10240426)
      return rest
    })
  },
}

export const listProjectTags: Operation = {
  name: 'listProjectTags',
  method: 'GET',
  paths: ['/queue/tags'],
  summary: 'List the tags of all queues, with all values that a key has.',
  async run(call) {
    const values = new Map<string, Set<string>>()
    for (const { settings } of await allQueues(call)) {
      for (const { key, value } of tagList(settings.tags)) values.set(key, (values.get(key) ?? new Set()).add(value))
    }
    return ok({ tags: [...values].map(([key, all]) => ({ key, values: [...all] })) })
  },
}

export const tagList = (tags: Tags): { key: string; value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }))

/** Of two changes at a time, each sees what the other has left. */
const change = async (call: Call, tags: (before: Tags) => Tags): Promise<Answer> => {
  const { engine, places, account, principal, parameters } = call
  return places.inQueue(account, parameters.queue_id ?? '', async ({ address }) => {
    requireScope(principal, 'manage', address.queue)
    await engine.updateQueue({ ...address, settings: (current) => ({ tags: tags(current.tags) }) })
    return noContent
  })
}

const withTags = (before: Tags, added: readonly [string, string][]): Tags => {
  const tags = new Map([...Object.entries(before), ...added])
  if (tags.size > mostTags) throw new Refused(10240044)
  return Object.fromEntries(tags)
}

const without = (before: Tags, isRemoved: (key: string, value: string) => boolean): Tags =>
  Object.fromEntries(Object.entries(before).filter(([key, value]) => !isRemoved(key, value)))

interface TagToRemove {
  readonly key: string
  /** Absent: whatever it is. */
  readonly value?: string | undefined
}

const isMeant = (tag: TagToRemove, key: string, value: string): boolean =>
  tag.key === key && (tag.value === undefined || tag.value === value)

const tagToRemove = (given: unknown): TagToRemove => {
  const value = isFields(given) ? field(given, 'value') : undefined
  const { key } = tagOf(given)
  return { key, value: typeof value === 'string' && value !== '' ? value : undefined }
}

const tagOf = (given: unknown): { key: string; value: string } => {
  if (!isFields(given)) throw new Refused(10240009, 'A tag must be an object with key and value.')
  const key = field(given, 'key') ?? ''
  const value = field(given, 'value') ?? ''
  if (typeof key !== 'string' || typeof value !== 'string') {
    throw new Refused(10240009, 'Key and value of a tag must be texts.')
  }
  if (key.length < 1 || key.length > 36) throw new Refused(10240035)
  if (hasForbidden(key)) throw new Refused(10240036)
  if (value.length > 43) throw new Refused(10240038)
  if (hasForbidden(value)) throw new Refused(10240039)
  return { key, value }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const forbidden = /[\x00-\x1f=*<>\\,|/]/

const hasForbidden = (text: string): boolean => forbidden.test(text) || !text.isWellFormed()
