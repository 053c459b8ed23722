// Every consumer group sees every message, also a group that is made later.
import { createClient } from 'millrace/client'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })
await millrace.queues.create('events', { consumerGroups: true })
await millrace.groups.create('events', 'mail')

await millrace.queue<string>('events').send('ada signed up')
await millrace.groups.create('events', 'audit')
await millrace.queue<string>('events').send('ada paid')

for (const group of ['mail', 'audit']) {
  const events = millrace.queue<string>('events', { group })
  for (const message of await events.receive({ maxMessages: 10, waitMs: 10_000 })) {
    console.log(`${group}: ${message.body}`)
    await message.delete()
  }
}

await millrace.close()
