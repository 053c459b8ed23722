// What goes wrong is a MillraceError with a code.
import { createClient, isMillraceError } from 'millrace/client'

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })

await millrace.queues.create('small', { maxMessageBytes: 1000 })
try {
  await millrace.queue('small').send('x'.repeat(2000))
} catch (error) {
  if (!isMillraceError(error, 'MessageTooLarge')) throw error
  console.log(error.code, error.status, error.data.limitBytes)
}

await millrace.close()
