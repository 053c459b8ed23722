// Send, receive and delete. Start a server first: `npm start`.
import { createClient } from 'millrace/client'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })

interface Order {
  order: number
  items: string[]
}
const orders = millrace.queue<Order>('orders')

// Resolves when the message is on disk.
await orders.send({ order: 7, items: ['tea', 'milk'] })
await orders.send({ order: 8, items: ['bread'] }, { priority: 5, attributes: { tenant: 'acme' } })

// Up to ten messages; waits up to 20 s for the first. The one with the higher priority comes first.
const messages = await orders.receive({ maxMessages: 10, waitMs: 20_000 })
for (const message of messages) {
  console.log(`order ${message.body.order}: ${message.body.items.join(', ')}`)
  await message.delete()
}

await millrace.close()
