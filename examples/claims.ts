// Several messages under one lease: taken, renewed and released together, deleted one by one.
import { createClient } from 'millrace/client'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })
const letters = millrace.queue<string>('letters')
await letters.sendMany([{ body: 'to Ada' }, { body: 'to Grace' }, { body: 'to nobody' }])

const claim = await letters.claims.create({ maxMessages: 10, ttlMs: 60_000, graceMs: 60_000 })
for (const message of claim?.messages ?? []) {
  if (message.body === 'to nobody') continue
  console.log(`posted ${message.body}`)
  await message.delete()
}
if (claim) await letters.claims.release(claim.id)
console.log(`${(await letters.info()).counts.ready} left`)

await millrace.close()
