import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueueActivity } from './queue-activity.ts'

const sendTo = (queue: string) => ({ verb: 'send', account: 'a', queue, messages: 2, outcome: 'ok' }) as const

const scrape = (activity: QueueActivity): Record<string, number> =>
  Object.fromEntries([...activity.samples()].map(({ labels, value }) => [`${labels?.queue} ${labels?.verb}`, value]))

test('activity is counted by queue and verb', () => {
  const activity = new QueueActivity(10)
  activity.note(sendTo('one'))
  activity.note(sendTo('one'))
  activity.note({ ...sendTo('one'), verb: 'delete' })
  activity.note(sendTo('two'))
  assert.deepEqual(scrape(activity), { 'one send': 4, 'one delete': 2, 'two send': 2 })
})

test('when all places are taken, queues that have been idle for long make room', () => {
  const activity = new QueueActivity(2)
  for (const queue of ['one', 'two', 'three']) activity.note(sendTo(queue))
  assert.deepEqual(scrape(activity), { 'one send': 2, 'two send': 2 })
  for (let i = 0; i < 240; i++) scrape(activity)
  activity.note(sendTo('two'))
  activity.note(sendTo('three'))
  assert.deepEqual(scrape(activity), { 'two send': 4, 'three send': 2 })
})

test('no places: nothing is counted by queue', () => {
  const activity = new QueueActivity(0)
  activity.note(sendTo('one'))
  assert.deepEqual(scrape(activity), {})
})
