// The client of Altogic's message queues, unmodified, with a service of our own that is called for every message.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { createClient as createAltogicClient } from 'altogic'
import { createClient } from 'millrace/client'

const url = process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080'

// The service. Whatever it answers with 2xx is done; anything else is an error, which the sender can read.
const service = createServer((request, answer) => {
  void json(request).then((message) => {
    const { name } = message as { name: string }
    console.log(`mail to ${name}`)
    answer.writeHead(name === 'Nobody' ? 422 : 204).end()
  })
}).listen(0, '127.0.0.1')
await once(service, 'listening')
const { port } = service.address() as AddressInfo

const millrace = createClient({ url })
await millrace.queues.create('sendWelcomeEmail', {
  push: { url: `http://127.0.0.1:${port}/welcome` },
  input: { fields: [{ name: 'name', type: 'text', required: true }] },
})

// While the server is open, any client key will do.
const { queue } = createAltogicClient(url, 'any-client-key')

const outcome = async (messageId: string): Promise<void> => {
  for (;;) {
    const { info } = await queue.getMessageStatus(messageId)
    if (info?.completedAt) {
      console.log(info.status)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

for (const name of ['Rooby', 'Nobody']) {
  const { info } = await queue.submitMessage('sendWelcomeEmail', { name })
  if (info) await outcome(info.messageId)
}

const { errors } = await queue.submitMessage('sendWelcomeEmail', {})
const [first] = (errors?.items ?? []) as { message: string }[]
console.log(first?.message)

await millrace.close()
service.close()
