// A service that is called for every message of a queue: nobody has to receive, and what became of each is known for a week.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'millrace/client'

const service = createServer((request, response) => {
  void json(request).then((message) => {
    const { name, email } = message as { name: string; email: string }
    // 2xx: done. Anything else has failed, and is tried again as the queue says.
    response
      .writeHead(email.endsWith('@example.com') ? 200 : 422)
      .end(`attempt ${request.headers['x-attempt']} for ${name}`)
  })
})
service.listen(0, '127.0.0.1')
await once(service, 'listening')
const { port } = service.address() as AddressInfo

const millrace = createClient({ url: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080' })
await millrace.queues.create('welcome', {
  push: { url: `http://127.0.0.1:${port}/welcome`, concurrency: 4, retries: { max: 1, delaysMs: [10] } },
  input: {
    fields: [
      { name: 'name', type: 'text', required: true },
      { name: 'email', type: 'email', required: true },
    ],
  },
  history: 'steps',
})

const welcome = millrace.queue('welcome')
await welcome
  .send({ name: 'Nobody', email: 'no address' })
  .catch((error) => console.log(error.data.violations[0].message))
for (const name of ['Rooby', 'Ada']) {
  const { id } = await welcome.send({ name, email: `${name}@example.${name === 'Ada' ? 'com' : 'org'}` })
  let status = await millrace.status(id)
  while (!status?.ended) {
    await delay(20)
    status = await millrace.status(id)
  }
  for (const { text, detail } of status.steps.filter(({ cause }) => cause === 'push'))
    console.log(`${name}: ${detail?.status} ${detail?.answer} ${text ?? ''}`.trim())
  console.log(`${name}: ${status.ended.outcome}`)
}

await millrace.queues.delete('welcome')
await millrace.close()
service.close()
