import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '../../src/client/index.ts'
import { temporaryDirectory } from '../client/forms.ts'
import { ServerProcess } from '../crash/server-process.ts'

test('a message whose call was under way when the server was killed is called for again, and those after it once', async (t) => {
  const calls: { readonly body: string; readonly attempt: string }[] = []
  const held: ServerResponse[] = []
  const service = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      calls.push({ body, attempt: String(request.headers['x-attempt']) })
      service.emit('called')
      if (calls.length === 1) held.push(response)
      else response.end('done')
    })
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  t.after(() => {
    service.closeAllConnections()
    service.close()
  })
  const called = async (count: number) => {
    while (calls.length < count) await once(service, 'called')
  }
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`

  const directory = temporaryDirectory(t)
  const before = await ServerProcess.start(directory)
  t.after(() => before.kill())
  const first = createClient({ url: before.url })
  t.after(() => first.close())
  await first.queues.create('q', { push: { url, concurrency: 1, timeoutMs: 5000 } })
  const [one, two] = await first.queue('q').sendMany([{ body: 'one' }, { body: 'two' }])
  await called(1)
  before.kill()
  await before.ended()

  const after = await ServerProcess.start(directory)
  t.after(() => after.kill())
  const client = createClient({ url: after.url })
  t.after(() => client.close())
  // The one in work is called for again when the lease of the killed server ends, which it may have done already.
  await called(3)
  assert.deepEqual(calls.map(({ body, attempt }) => `${body}#${attempt}`).toSorted(), ['one#1', 'one#2', 'two#1'])
  const outcome = async (id = '') => {
    let status = await client.status(id)
    while (status?.ended === null) {
      await delay(20)
      status = await client.status(id)
    }
    return status?.ended.outcome
  }
  assert.deepEqual([await outcome(one?.id), await outcome(two?.id)], ['processed', 'processed'])
})
