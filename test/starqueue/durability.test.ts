import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../server/harness.ts'
import { Client, post } from './harness.ts'
import { startProcess } from './process.ts'

test('what was answered survives kill -9: accounts, tokens, messages, counts, holds, delays, duplicates', async (t) => {
  const directory = temporaryDirectory(t)
  const before = await startProcess(t, directory)
  const made = await Client.create(before.url)
  await made.send('q', 'high', { Priority: 900 })
  const dedup = { MessageDeduplicationId: 'd', MessageDeduplicationTimePeriod: 600 }
  const first = await made.send('q', 'once', dedup)
  await made.send('q', 'hidden', { VisibilityTimeout: 43_200 })
  await made.send('q', 'soon over', { MessageRetentionPeriod: 2 })
  await made.send('cleared', 'x')
  await made.clear('cleared')
  for (let time = 0; time < 2; time++) await made.receive('q', { MaxNumberOfMessages: 1, VisibilityTimeout: 0 })
  const [held] = await made.receive('q', { MaxNumberOfMessages: 1, VisibilityTimeout: 600 })
  await made.send('gone', 'x')
  await made.delete('gone', ...(await made.receive('gone')).map(({ ReceiptHandle }) => ReceiptHandle))
  const diesSoon = await made.send('limit', 'x', { DeadLetterQueueName: 'dead' })
  await made.receive('limit', { MaxReceives: 1, VisibilityTimeout: 1 })
  await before.kill()

  const { url } = await startProcess(t, directory)
  const client = new Client(url, { accountid: made.account, AuthToken: made.token, AccountPassword: made.password })
  const [dead] = await client.receive('dead', { WaitTimeSeconds: 20 })
  assert.equal(dead?.MessageId, diesSoon, 'the hold ended while nobody served it, or soon after')
  const traded = await post(`${url}/authtokenget/${client.account}`, { AccountPassword: client.password })
  assert.equal(traded.status, 200)
  assert.equal(await client.send('q', 'dropped', dedup), first)
  while (((await client.queues()).q ?? 0) > 3) await client.receive('nothing', { WaitTimeSeconds: 1 })
  assert.deepEqual(await client.queues(), { dead: 1, q: 3 })
  assert.deepEqual(await client.texts('q'), ['once'], 'one is hidden, one is held')
  await client.changeVisibility('q', held?.ReceiptHandle ?? '', 0)
  const [high] = await client.receive('q')
  assert.deepEqual([high?.MessageId, high?.ApproximateReceiveCount], [held?.MessageId, 4])
  assert.equal(high?.ApproximateFirstReceiveTimestamp, held?.ApproximateFirstReceiveTimestamp)
})
