// A worker in a process of its own, which can be killed: it puts its first message aside, but never gets to say so.
import { createWorker, hours } from '../../src/worker/index.ts'

const worker = createWorker({
  url: process.env.MILLRACE_TEST_URL ?? '',
  queue: 'killed',
  name: 'doomed',
  // Long enough for a busy machine to look before it runs out.
  holdSeconds: 6,
  async processMessage(context) {
    context.reprocess(hours(1))
    console.log(context.id)
    await new Promise(() => {})
  },
})
await worker.start()
