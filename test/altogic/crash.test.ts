// A server that is killed, through Altogic's client: what it accepted is run, and its status is told, by the server that comes after it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient as createAltogicClient } from 'altogic'
import { createClient } from '../../src/client/index.ts'
import { ServerProcess } from '../crash/server-process.ts'
import { temporaryDirectory } from '../server/harness.ts'
import type { Json } from './harness.ts'

test('what was accepted before a kill is run after it, and the status goes on', async (t) => {
  const calls: string[] = []
  const held: ServerResponse[] = []
  let holds = true
  const service = createServer((request, answer) => {
    void text(request).then((body) => {
      const { name } = JSON.parse(body) as { name: string }
      calls.push(`${name} ${String(request.headers['x-message-id'])} #${String(request.headers['x-attempt'])}`)
      service.emit('called')
      if (holds) held.push(answer)
      else answer.writeHead(name === 'bad' ? 500 : 204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  t.after(() => {
    service.closeAllConnections()
    service.close()
  })
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`

  const directory = temporaryDirectory(t)
  const before = await ServerProcess.start(directory)
  t.after(() => before.kill())
  const native = createClient({ url: before.url })
  t.after(() => native.close())
  await native.queues.create('mail', { push: { url, concurrency: 1, timeoutMs: 5000 }, paused: true })
  const { queue } = createAltogicClient(before.url.origin, 'any-client-key')
  const submit = async (name: string, seconds?: number): Promise<string> => {
    const { info, errors } = await queue.submitMessage('mail', { name }, seconds)
    assert.equal(errors, null)
    return info?.messageId ?? ''
  }
  const first = await submit('first')
  const second = await submit('second')
  const bad = await submit('bad')
  const late = await submit('late', 86_400)
  await native.queues.update('mail', { paused: false })
  while (calls.length < 1) await once(service, 'called')
  assert.equal((await queue.getMessageStatus(first)).info?.status, 'processing')
  before.kill()
  await before.ended()
  holds = false
  for (const answer of held) answer.destroy()

  const after = await ServerProcess.start(directory)
  t.after(() => after.kill())
  const again = createAltogicClient(after.url.origin, 'any-client-key').queue
  const statusOf = async (id: string): Promise<Json> => (await again.getMessageStatus(id)).info
  const final = async (id: string): Promise<Json> => {
    for (let info = await statusOf(id); ; info = await statusOf(id)) {
      if (info.completedAt !== undefined) return info
      assert.ok(info.status === 'pending' || info.status === 'processing')
      await delay(50)
    }
  }
  const ended = await Promise.all([first, second, bad].map(final))
  assert.deepEqual(
    ended.map(({ messageId, status }) => [messageId, status]),
    [
      [first, 'completed'],
      [second, 'completed'],
      [bad, 'errors'],
    ],
  )
  assert.equal(ended[2].errors.errors[0].details.status, 500)
  for (const { submittedAt, startedAt, completedAt } of ended) {
    assert.ok(submittedAt <= startedAt && startedAt <= completedAt)
  }
  const waits = await statusOf(late)
  assert.deepEqual([waits.status, waits.delay, waits.startedAt], ['pending', 86_400, undefined])
  // The one whose call was cut off is run again when the lease of the killed server ends; the others once.
  assert.deepEqual(calls.toSorted(), [`bad ${bad} #1`, `first ${first} #1`, `first ${first} #2`, `second ${second} #1`])
})
