// A queue whose bodies are checked, when they go out and when they come in. Any validator that speaks Standard Schema does.
import { createClient, isMillraceError } from 'millrace/client'
import { z } from 'zod'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })

const signUp = z.object({ email: z.email(), at: z.iso.datetime().transform((text) => new Date(text)) })
const signUps = millrace.queue('sign-ups', { schema: signUp })

await signUps.send({ email: 'ada@example.com', at: '2030-01-01T12:00:00Z' })
try {
  await signUps.send({ email: 'nobody', at: '2030-01-01T12:00:00Z' })
} catch (error) {
  if (!isMillraceError(error, 'InvalidBody')) throw error
  console.log(error.code)
}

const [message] = await signUps.receive()
console.log(message?.body.email, message?.body.at.getUTCFullYear())
await message?.delete()

await millrace.close()
