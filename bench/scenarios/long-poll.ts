import { createClient } from '../../src/client/index.ts'
import type { Figure } from '../measure.ts'
import { percentile } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'

const samples = 500

/** From the moment a send begins to the moment a receive that was waiting has its message, while other clients keep the server half busy. */
export const longPoll = async (server: ServerProcess, halfLoad: number): Promise<Figure[]> => {
  const load = await backgroundLoad(server, halfLoad)
  const latencies: number[] = []
  const url = `${server.url}/api/v1/queues/bench-poll`
  const headers = { 'content-type': 'application/json' }
  for (let sample = 0; sample < samples; sample++) {
    const waiting = fetch(`${url}/receive`, {
      method: 'POST',
      headers,
      body: '{"waitMs":20000,"visibilityTimeoutMs":60000}',
    })
    await new Promise((resolve) => setTimeout(resolve, 10))
    const began = performance.now()
    const sending = fetch(`${url}/messages`, { method: 'POST', headers, body: '{}' })
    const answer = await waiting
    latencies.push(performance.now() - began)
    const { messages } = (await answer.json()) as { messages: readonly { receiptHandle: string }[] }
    await (await sending).arrayBuffer()
    for (const { receiptHandle } of messages) {
      await (await fetch(`${url}/receipts/${receiptHandle}`, { method: 'DELETE' })).arrayBuffer()
    }
  }
  await load.stop()
  const figure = (share: number, name: string) => ({
    value: percentile(latencies, share),
    unit: 'ms',
    name,
    lessIsBetter: true,
  })
  return [
    figure(0.5, 'a waiting receive is answered after (median, half load)'),
    { ...figure(0.99, 'a waiting receive is answered after (99th percentile, half load)'), wanted: 5 },
  ]
}

/** So many single sends a second, evenly. */
const backgroundLoad = async (server: ServerProcess, perSecond: number) => {
  const millrace = createClient({ url: server.url, coalesce: false })
  const queue = millrace.queue<unknown>('bench-load')
  let running = true
  const everyMs = 5
  const tick = async () => {
    const sends = Array.from({ length: Math.round((perSecond * everyMs) / 1000) }, () => queue.send({ at: 1 }))
    await Promise.all(sends)
  }
  const timer = setInterval(() => {
    if (running) void tick()
  }, everyMs)
  return {
    async stop() {
      running = false
      clearInterval(timer)
      await millrace.close()
    },
  }
}
