// Message after message, until the loop is left.
import { createClient } from 'millrace/client'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })
const lines = millrace.queue<string>('lines')
await lines.sendMany([{ body: 'one' }, { body: 'two' }, { body: 'end' }])

for await (const message of lines) {
  console.log(message.body)
  await message.delete()
  if (message.body === 'end') break
}

await millrace.close()
