// Two servers over one PostgreSQL call one service: each message once, and what one of them had in work when it was killed comes to the other.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { createClient } from '../../src/client/index.ts'
import { startServerProcess, temporaryDirectory, until } from '../postgres/node.ts'
import { freshUrl, withoutPostgres } from '../postgres/shared.ts'

describe('services that two nodes call', withoutPostgres, () => {
  test('each message once, and those of a node that is killed by the other', { timeout: 180_000 }, async (t) => {
    const calls = new Map<string, number>()
    let holds = false
    const held: ServerResponse[] = []
    const service = createServer((request, response) => {
      const id = String(request.headers['x-message-id'])
      calls.set(id, (calls.get(id) ?? 0) + 1)
      request.resume()
      if (holds) held.push(response)
      else response.end()
    }).listen(0, '127.0.0.1')
    await once(service, 'listening')
    t.after(() => {
      service.closeAllConnections()
      service.close()
    })

    const store = await freshUrl()
    const data = temporaryDirectory(t)
    const dying = await startServerProcess(t, store, data)
    const other = await startServerProcess(t, store, data)
    const clients = [dying, other].map(({ url }) => createClient({ url }))
    t.after(() => Promise.all(clients.map((client) => client.close())))
    const [first, second] = clients
    assert.ok(first && second)
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`
    await first.queues.create('q', { push: { url, concurrency: 4, timeoutMs: 5000 } })
    await until(async () => (await second.queues.pushTargets({ queue: 'q' })).length === 1)

    const send = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, i) => clients[i % 2]?.queue('q').send({ i }))).then((sent) =>
        sent.map((one) => one?.id ?? ''),
      )
    const stored = async () => (await second.queues.get('q')).messages
    const ids = await send(200)
    await until(async () => (await stored()) === 0)
    assert.deepEqual([...calls.keys()].sort(), ids.toSorted())
    assert.ok(
      [...calls.values()].every((count) => count === 1),
      'each once',
    )
    const shares = await Promise.all(clients.map((client) => client.queues.pushTargets({ queue: 'q' })))
    assert.equal(
      shares.flat().reduce((sum, share) => sum + share.calls, 0),
      200,
    )

    // Each node calls for four, and gets no answer; one of them dies over it.
    holds = true
    const more = await send(20)
    await until(() => held.length >= 8)
    await dying.kill()
    holds = false
    for (const response of held) response.end()
    await until(async () => (await stored()) === 0)
    assert.deepEqual(
      more.filter((id) => !calls.has(id)),
      [],
      'none is lost',
    )
    const twice = more.filter((id) => (calls.get(id) ?? 0) > 1)
    assert.equal(twice.length, 4, 'those that the killed one was calling for')
    for (const id of more) {
      const status = await second.status(id)
      assert.equal(status?.ended?.outcome, 'processed')
    }
  })
})
