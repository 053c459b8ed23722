// A worker whose service says of some messages that it is too early for them: these wait, all others keep flowing.
import { createClient } from 'millrace/client'
import { type MessageContext, milliseconds, retryPolicy, Worker } from 'millrace/worker'

interface LabResult {
  readonly sample: number
}

class SubmitResults extends Worker<LabResult> {
  override async processMessage(context: MessageContext<LabResult>): Promise<void> {
    const { sample } = context.message
    const status = await laboratory(sample, context.signal)
    if (status === 425) {
      // Their side cannot take it yet. A real one would wait for minutes(5), or longer with each time it was put aside.
      context.reprocess(milliseconds(300))
      console.log(`sample ${sample}: too early`)
      return
    }
    if (status !== 200) throw new Error(`the laboratory answered ${status}`)
    context.setOutbound({ submitted: sample })
    console.log(`sample ${sample}: submitted, put aside ${context.reprocessCount} times`)
  }

  // The attempt failed, which is another thing than "not yet": it is tried again at most ten times.
  override onError = retryPolicy({ max: 10, sleep: (retries) => (retries > 2 ? 30_000 : 5_000) })
}

const asked = new Map<number, number>()

const url = process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080'
const millrace = createClient({ url })
await millrace.queues.create('lab-results', {}, { preset: 'worker' })

const worker = new SubmitResults({ url, queue: 'lab-results', name: 'submitter' })
await worker.start()

const results = millrace.queue<LabResult>('lab-results')
const sent = await results.sendMany([{ body: { sample: 1 } }, { body: { sample: 2 } }])
for (const { id } of sent) while ((await results.get(id))?.type !== 'P') await pause()

await worker.stop()
await millrace.close()

/** Stands for a service that is not ready for the first sample before it is asked twice. */
async function laboratory(sample: number, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  asked.set(sample, (asked.get(sample) ?? 0) + 1)
  return sample === 1 && asked.get(sample) === 1 ? 425 : 200
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}
