// A worker: eight messages at once, until somebody asks it to stop.
import { createClient } from 'millrace/client'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })
const thumbnails = millrace.queue<{ image: string }>('thumbnails')

const work = thumbnails.work(
  async (message) => {
    // Returning deletes the message; throwing hands it back, to be tried again a little later.
    await makeThumbnail(message.body.image, message.signal)
    console.log(`made ${message.body.image}`)
  },
  {
    concurrency: 8,
    async onError(error, { during, message }) {
      console.error(`failed to ${during}:`, error)
      // A message that fails again and again is put where a person will look at it.
      if (during === 'handle' && message && message.receiveCount >= 5)
        await message.deadLetter({ reason: String(error) })
    },
  },
)
console.log('working')

// Takes no more, and waits for the handlers that run.
process.once('SIGTERM', () => void work.stop())
await work.done
await millrace.close()
console.log('stopped')

async function makeThumbnail(image: string, signal: AbortSignal): Promise<void> {
  // Whatever takes long should end when the message is lost to another worker.
  signal.throwIfAborted()
  await Promise.resolve(image)
}
