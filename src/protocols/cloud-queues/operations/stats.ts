import { isRefusal } from '../../../core/errors.ts'
import type { QueueSpan } from '../../../core/requests.ts'
import { okJson } from '../answer.ts'
import { contentLocation, messageLink, messagesLink } from '../links.ts'
import { ageOf } from '../messages/show.ts'
import { allVersions, type Call, type Operation } from '../operation.ts'
import { findQueue, queueNotFound } from './find-queue.ts'

export const stats: Operation = {
  name: 'queue_stats',
  summary: 'How many messages a queue has, and its oldest and newest one.',
  method: 'GET',
  path: '/queues/:queue/stats',
  versions: allVersions,
  access: ['send', 'receive', 'manage'],
  async run(call) {
    const { version } = call
    const view = await findQueue(call)
    if (!view && version === 'v1') throw queueNotFound(call)
    const headers = version === 'v1' ? contentLocation(call, false) : undefined
    if (!view) return okJson({ messages: { claimed: 0, free: 0, total: 0 } })
    const { ready, behind, delayed, reprocessing, leased: claimed } = view.counts
    const free = ready + behind + delayed + reprocessing
    const total = free + claimed
    const ends = total > 0 ? await endsOf(call) : {}
    return okJson({ messages: { claimed, free, total, ...ends } }, headers)
  },
}

type End = QueueSpan['oldest']

const endsOf = async (call: Call) => {
  const { engine, account, queue } = call
  try {
    const { oldest, newest } = await engine.queueSpan({ account, queue })
    return { ...(oldest && { oldest: show(call, oldest) }), ...(newest && { newest: show(call, newest) }) }
  } catch (error) {
    if (isRefusal(error, 'QueueNotFound')) return {}
    throw error
  }
}

const show = (call: Call, { id, sentAt }: NonNullable<End>) => ({
  age: ageOf(sentAt, call.clock.now()),
  created: `${new Date(sentAt).toISOString().slice(0, 19)}Z`,
  href: messageLink(messagesLink(call), id, null),
})
