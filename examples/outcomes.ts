// A worker that records what became of each message, and puts aside the ones that have to wait.
import { createClient } from 'millrace/client'
import { createWorker, minutes, retryPolicy } from 'millrace/worker'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })
await millrace.queues.create('results', { keepFinished: 'message' })

const answers = new Map([
  ['ready', 200],
  ['early', 425],
  ['broken', 500],
])

const worker = createWorker<{ sample: string }>({
  client: millrace,
  queue: 'results',
  concurrency: 8,
  async processMessage(context) {
    const status = answers.get(context.message.sample)
    if (status === undefined) return context.filter('unknown sample')
    // Their side cannot take it yet: again in five minutes, while all others keep flowing.
    if (status === 425) return context.reprocess(minutes(5))
    if (status !== 200) throw new Error(`the laboratory answered ${status}`)
  },
  onError: retryPolicy({ max: 0, sleep: (retries) => (retries > 2 ? 30_000 : 5_000) }),
})
await worker.start()

const results = millrace.queue<{ sample: string }>('results')
const sent = await results.sendMany(['ready', 'early', 'broken', 'odd'].map((sample) => ({ body: { sample } })))
for (const { id } of sent) {
  let message = await results.get(id)
  while (message?.state === 'ready' || message?.state === 'leased') message = await results.get(id)
  console.log(`${message?.body.sample}: ${message?.type} ${message?.reason ?? ''}`.trim())
}

await worker.stop()
await millrace.close()
