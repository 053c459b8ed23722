import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../measure.ts'
import { percentile } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'

const samples = 500

/** From the moment a send begins to the moment a receive that was waiting has its message, while other clients keep the server half busy. */
export const longPoll = async (server: ServerProcess, halfLoad: number): Promise<Figure[]> => {
  const load = backgroundLoad(server, halfLoad)
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

/** Other clients, in a process of their own. */
const backgroundLoad = (server: ServerProcess, perSecond: number) => {
  const script = fileURLToPath(new URL('./load-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, server.url, String(Math.round(perSecond))], { stdio: 'inherit' })
  return {
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
