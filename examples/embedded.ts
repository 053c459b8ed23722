// Durable queues inside this process, without a server: `node embedded.ts DIRECTORY`.
import { openMillrace } from 'millrace'

const millrace = await openMillrace({ directory: process.argv[2] ?? './data' })
const mails = millrace.queue<{ to: string }>('mails')

// Durable when it resolves: what was sent is there again after a crash.
await mails.send({ to: 'ada@example.com' })

for await (const message of mails) {
  console.log(`mail to ${message.body.to}`)
  await message.delete()
  break
}

await millrace.close()
