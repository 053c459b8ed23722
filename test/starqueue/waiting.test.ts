import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fakeClock } from '../../src/testing/index.ts'
import { startTestServer } from '../server/harness.ts'
import { untilWaiting } from '../server/standing.ts'
import { type Client, type Received, Client as StarQueue, startStanding, textOf } from './harness.ts'

test('a receive that waits is answered by whatever makes a message available', async (t) => {
  const { client, advance, waiting } = await startStanding(t)
  const wait = async (queue: string) => {
    const receiving = client.receive(queue, { WaitTimeSeconds: 20, VisibilityTimeout: 10 })
    await waiting(1)
    // Within an object, for it is not to be waited for here.
    return { receiving }
  }
  let { receiving } = await wait('sent')
  await client.send('sent', 'x')
  assert.equal((await receiving).length, 1)

  await client.send('delayed', 'x', { VisibilityTimeout: 5 })
  ;({ receiving } = await wait('delayed'))
  await advance(5)
  assert.equal((await receiving).length, 1)
  ;({ receiving } = await wait('delayed'))
  await advance(10)
  const [held] = await receiving
  assert.equal(held?.ApproximateReceiveCount, 2, 'the end of a hold')
  ;({ receiving } = await wait('delayed'))
  await client.changeVisibility('delayed', held?.ReceiptHandle ?? '', 0)
  assert.equal((await receiving).length, 1)

  await client.send('limit', 'x', { DeadLetterQueueName: 'dead' })
  await client.receive('limit', { MaxReceives: 1, VisibilityTimeout: 5 })
  ;({ receiving } = await wait('dead'))
  await advance(5)
  assert.equal((await receiving).length, 1, 'a dead letter')
})

test('it waits for 20 seconds if nothing is said, or as long as it says, and not for more than a first message', async (t) => {
  const { client, advance, waiting } = await startStanding(t)
  const twenty = client.call('messagereceive', 'q', {})
  const five = client.call('messagereceive', 'q', { WaitTimeSeconds: 5 })
  await waiting(2)
  await advance(5)
  assert.deepEqual((await five).json, { MessageReceiveResult: [] })
  await advance(14)
  await waiting(1)
  await advance(1)
  assert.deepEqual((await twenty).json, { MessageReceiveResult: [] })
  const ten = client.receive('q', { MaxNumberOfMessages: 10, WaitTimeSeconds: 20 })
  await waiting(1)
  await client.send('q', '1')
  await client.send('q', '2')
  assert.equal((await ten).length, 1)
})

test('who has waited longest is served first, and each message goes to one', async (t) => {
  const { client, waiting } = await startStanding(t)
  const receiving: Promise<readonly Received[]>[] = []
  for (let count = 1; count <= 5; count++) {
    // One each: where a store takes its time two may have come by the time one looks.
    receiving.push(client.receive('q', { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 }))
    await waiting(count)
  }
  for (const body of ['1', '2', '3', '4', '5']) await client.send('q', body)
  const received = await Promise.all(receiving)
  assert.deepEqual(
    received.map((messages) => messages.map(textOf)),
    [['1'], ['2'], ['3'], ['4'], ['5']],
  )
})

test('a receive whose client has gone takes nothing', async (t) => {
  const { client, waiting } = await startStanding(t)
  const leaving = new AbortController()
  const gone = client.receive('q', { WaitTimeSeconds: 20 }, leaving.signal)
  await waiting(1)
  const staying = client.receive('q', { WaitTimeSeconds: 20 })
  await waiting(2)
  leaving.abort()
  await assert.rejects(gone)
  await waiting(1)
  await client.send('q', 'x')
  const [message] = await staying
  assert.equal(message?.ApproximateReceiveCount, 1)
})

test('a thousand receives wait at once, and each gets its message', async (t) => {
  // However long it takes until all of them are there, none has waited for too long.
  const server = await startTestServer(t, {}, { clock: fakeClock() })
  const client = await StarQueue.create(server.url)
  const agent = new Agent({ keepAlive: true, maxSockets: 2000 })
  t.after(() => agent.destroy())
  const queues = Array.from({ length: 1000 }, (_, index) => `q${index % 10}`)
  const receiving = queues.map((queue) => receive(client, agent, queue))
  await untilWaiting(server.url, 1000)
  for (let sent = 0; sent < queues.length; sent += 100) {
    await Promise.all(queues.slice(sent, sent + 100).map((queue) => client.send(queue, queue)))
  }
  const received = await Promise.all(receiving)
  assert.deepEqual(
    received.map((messages) => messages.map(textOf)),
    queues.map((queue) => [queue]),
  )
  assert.equal(new Set(received.flat().map(({ MessageId }) => MessageId)).size, 1000)
})

const receive = async (client: Client, agent: Agent, queue: string): Promise<Received[]> => {
  const headers = { AuthToken: client.token, 'Content-Type': 'application/json' }
  const sending = request(`${client.url}/messagereceive/${client.account}/${queue}`, { method: 'POST', agent, headers })
  sending.end('{}')
  const [answer] = await once(sending, 'response')
  return (JSON.parse(await text(answer)) as { MessageReceiveResult: Received[] }).MessageReceiveResult
}

test('when the server stops, who waits is answered with nothing', async (t) => {
  const { client, server, waiting } = await startStanding(t)
  const receiving = client.receive('q', { WaitTimeSeconds: 20 })
  await waiting(1)
  await server.close()
  assert.deepEqual(await receiving, [])
})
