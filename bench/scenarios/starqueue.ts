import type { Figure } from '../measure.ts'
import { median, percentile } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'

interface Received {
  readonly ReceiptHandle: string
}

const samples = 500

/** As clients of StarQueue see it: how soon a waiting receive is answered, and what a backlog does to the next receive. */
export const starqueue = async (server: ServerProcess, scale: number): Promise<Figure[]> => {
  const client = await createClient(server.url)
  const waiting = await waitingReceives(client)
  await fill(server.url, client.account, 1_000_000 * scale)
  return [...waiting, await picking(client, 1_000_000 * scale)]
}

interface Client {
  readonly account: string
  send(queue: string): Promise<void>
  receive(queue: string, waitSeconds: number): Promise<readonly Received[]>
  delete(queue: string, received: readonly Received[]): Promise<void>
}

const createClient = async (url: string): Promise<Client> => {
  const post = async (path: string, fields: object, token = '') => {
    const headers = { 'Content-Type': 'application/json', AuthToken: token }
    const answer = await fetch(`${url}/${path}`, { method: 'POST', headers, body: JSON.stringify(fields) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as { accountid: string; AuthToken: string; MessageReceiveResult: Received[] }
  }
  const { accountid: account, AuthToken: token } = await post('accountcreate', {})
  const call = (name: string, queue: string, fields: object) => post(`${name}/${account}/${queue}`, fields, token)
  return {
    account,
    async send(queue) {
      await call('messagesend', queue, { MessageBody: 'aGVsbG8=', Priority: 200 })
    },
    async receive(queue, WaitTimeSeconds) {
      return (await call('messagereceive', queue, { WaitTimeSeconds })).MessageReceiveResult
    },
    async delete(queue, received) {
      await call('messagedelete', queue, { ReceiptHandles: received.map(({ ReceiptHandle }) => ReceiptHandle) })
    },
  }
}

/** From the moment a send begins to the moment that a receive has its message. */
const waitingReceives = async (client: Client): Promise<Figure[]> => {
  const latencies: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const receiving = client.receive('waiting', 20)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const began = performance.now()
    const sending = client.send('waiting')
    const received = await receiving
    latencies.push(performance.now() - began)
    await sending
    await client.delete('waiting', received)
  }
  const figure = { unit: 'ms', lessIsBetter: true }
  return [
    {
      ...figure,
      name: 'StarQueue: a waiting receive is answered after (median)',
      value: median(latencies),
      wanted: 10,
    },
    { ...figure, name: 'StarQueue: and at the 99th percentile', value: percentile(latencies, 0.99) },
  ]
}

/** Half of them hidden for hours, half of the lowest priority. */
const fill = async (url: string, account: string, messages: number): Promise<void> => {
  const headers = { 'Content-Type': 'application/json', 'X-Millrace-Account': account }
  const batch = JSON.stringify({
    messages: Array.from({ length: 1000 }, (_, index) => ({
      body: 'hello',
      retentionMs: 14_400_000,
      receiveLimit: 4,
      ...(index % 2 === 0 ? { delayMs: 14_000_000, priority: 1000 } : { priority: 0 }),
    })),
  })
  for (let sent = 0; sent < messages; sent += 1000) {
    const answer = await fetch(`${url}/api/v1/queues/full/messages/batch`, { method: 'POST', headers, body: batch })
    if (!answer.ok) throw new Error(`filling: ${answer.status} ${await answer.text()}`)
    await answer.arrayBuffer()
  }
}

/** The next message of a queue that is full of what is not to be handed out, against that of one that holds nothing else. */
const picking = async (client: Client, messages: number): Promise<Figure> => {
  const pick = async (queue: string): Promise<number> => {
    await client.send(queue)
    const began = performance.now()
    const received = await client.receive(queue, 0)
    const took = performance.now() - began
    await client.delete(queue, received)
    return took
  }
  const empty: number[] = []
  const full: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    empty.push(await pick('empty'))
    full.push(await pick('full'))
  }
  const [alone, among] = [median(empty), median(full)]
  return {
    name: `StarQueue: picking the next among ${messages.toLocaleString('en-US')} hidden or of low priority, receives a second`,
    value: 1000 / among,
    unit: 'a second',
    against: { name: 'an empty queue', value: 1000 / alone, ratio: alone / among, wanted: 0.9 },
  }
}
