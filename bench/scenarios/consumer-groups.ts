import type { Figure } from '../measure.ts'
import { bodyOf1Kb, paired } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'

const project = 'be4c4000000000000000000000000000'
const groupCount = 10
const perRound = 500
const rounds = 5

interface Queue {
  readonly id: string
  /** By id. */
  readonly groups: readonly string[]
}

/**
 * Ten consumer groups, through DMS: what a backlog of retained messages does to consuming and sending, and what the copies of the delivery records
 * cost a sender.
 */
export const consumerGroups = async (server: ServerProcess, scale: number): Promise<Figure[]> => {
  const retained = 1_000_000 * scale
  const call = callerOf(server.url)
  const names = Array.from({ length: groupCount }, (_, index) => `group-${index}`)
  const make = async (name: string, messages: number, groups: readonly string[]): Promise<Queue> => {
    await call('PUT', `/api/v1/queues/${name}`, { consumerGroups: true, retentionMs: 259_200_000 })
    await fill(call, name, messages)
    for (const group of groups) await call('PUT', `/api/v1/queues/${name}/groups/${group}`, {})
    await untilCaughtUp(call, name)
    const { queues } = await call('GET', `/v1.0/${project}/queues`)
    const id = String(queues?.find((queue) => queue.name === name)?.id)
    const list = await call('GET', `/v1.0/${project}/queues/${id}/groups`)
    return { id, groups: (list.groups ?? []).map((group) => String(group.id)) }
  }
  const few = await make('few', (rounds + 1) * perRound, names)
  const many = await make('many', retained, names)
  const alone = await make('alone', 0, [])

  const consuming = await paired(rounds, consumed(call, many), consumed(call, few))
  const sending = await paired(rounds, sent(call, many), sent(call, few))
  const copying = await paired(rounds, sent(call, few, largeBody), sent(call, alone, largeBody))
  const backlog = `${retained.toLocaleString('en-US')} retained`
  return [
    {
      name: `DMS: consumed and acknowledged by ${groupCount} groups over ${backlog}`,
      value: consuming.first,
      unit: 'a second',
      against: { name: 'over few', value: consuming.second, ratio: consuming.ratio, wanted: 0.9 },
    },
    {
      name: `DMS: sent in tens to ${groupCount} groups over ${backlog}`,
      value: sending.first,
      unit: 'a second',
      against: { name: 'over few', value: sending.second, ratio: sending.ratio, wanted: 0.9 },
    },
    {
      name: `DMS: messages of 50 KB sent in tens to ${groupCount} groups`,
      value: copying.first,
      unit: 'a second',
      against: { name: 'to none', value: copying.second, ratio: copying.ratio, wanted: 0.8 },
    },
  ]
}

interface Answer {
  readonly queues?: readonly { readonly id: string; readonly name: string }[]
  readonly groups?: readonly { readonly id: string; readonly pending?: number }[]
}

type Call = (method: string, path: string, body?: object | string) => Promise<Answer & readonly { handler: string }[]>

const callerOf =
  (url: string): Call =>
  async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-Millrace-Account': project },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as Awaited<ReturnType<Call>>
  }

const fill = async (call: Call, queue: string, messages: number): Promise<void> => {
  const perBatch = 1000
  const body = bodyOf1Kb()
  const batch = (count: number) => `{"messages":[${Array.from({ length: count }, () => `{"body":${body}}`).join(',')}]}`
  const whole = batch(perBatch)
  let left = messages
  const filler = async () => {
    while (left > 0) {
      const count = Math.min(left, perBatch)
      left -= count
      await call('POST', `/api/v1/queues/${queue}/messages/batch`, count === perBatch ? whole : batch(count))
    }
  }
  await Promise.all([filler(), filler()])
}

const untilCaughtUp = async (call: Call, queue: string): Promise<void> => {
  for (;;) {
    const { groups = [] } = await call('GET', `/api/v1/queues/${queue}/groups`)
    if (groups.every(({ pending = 0 }) => pending === 0)) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** One consumer a group, all at once. */
const consumed =
  (call: Call, { id, groups }: Queue) =>
  async (): Promise<number> => {
    const began = performance.now()
    const counts = await Promise.all(
      groups.map(async (group) => {
        const path = `/v1.0/${project}/queues/${id}/groups/${group}`
        let count = 0
        while (count < perRound) {
          const batch = await call('GET', `${path}/messages?max_msgs=10&time_wait=1`)
          if (batch.length === 0) throw new Error('there is nothing left to consume')
          await call('POST', `${path}/ack`, { message: batch.map(({ handler }) => ({ handler })) })
          count += batch.length
        }
        return count
      }),
    )
    return (counts.reduce((sum, count) => sum + count, 0) / (performance.now() - began)) * 1000
  }

const largeBody = `"${'x'.repeat(50_000)}"`

const sent =
  (call: Call, { id }: Queue, body = bodyOf1Kb()) =>
  async (): Promise<number> => {
    const request = `{"messages":[${Array.from({ length: 10 }, () => `{"body":${body}}`).join(',')}]}`
    const senders = 4
    const requests = 50
    const began = performance.now()
    const sender = async () => {
      for (let round = 0; round < requests; round++)
        await call('POST', `/v1.0/${project}/queues/${id}/messages`, request)
    }
    await Promise.all(Array.from({ length: senders }, sender))
    return ((senders * requests * 10) / (performance.now() - began)) * 1000
  }
