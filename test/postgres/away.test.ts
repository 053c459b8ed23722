// The database is away for a while: every door says so in its own words and when to come again, loses nothing, and recovers by itself.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createClient, MillraceError } from '../../src/client/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { askAsStranger, askDoor, doors, file, token } from '../server/each-door.ts'
import { startTestServer } from '../server/harness.ts'
import { untilWaiting } from '../server/standing.ts'
import { until } from './node.ts'
import { startProxy } from './proxy.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

describe('while the database is away', withoutPostgres, () => {
  test('each door answers 503 in its own words, and when to come again; and recovers', async (t) => {
    const proxy = await startProxy(t, await freshUrl())
    const store = await postgresStore({ url: proxy.url, listen: false, retryMs: 50 })
    const { url, lines } = await startTestServer(t, file, { store })
    const client = createClient({ url, token })
    t.after(() => client.close())
    await client.queues.create('q')
    const wait = client.queue('empty').receive({ waitMs: 60_000 })
    await untilWaiting(url, 1)

    proxy.cut()
    assert.equal((await fetch(`${url}/healthz`)).status, 200, 'it is no reason to restart it')
    assert.equal((await fetch(`${url}/readyz`)).status, 503)
    const { port, searchParams } = new URL(proxy.url)
    const whereItIs = new RegExp(
      `127\\.0\\.0\\.1|:${port}|${searchParams.get('schema')}|postgres|ECONN|terminated`,
      'i',
    )
    for (const [door, asked] of Object.entries(doors)) {
      const answer = await askDoor(url, asked)
      const text = await answer.text()
      assert.equal(answer.status, 503, `${door}: ${text}`)
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/, door)
      assert.doesNotMatch(text, whereItIs, door)
      asked.problem(JSON.parse(text))
    }
    for (const [door, ask] of Object.entries(askAsStranger)) {
      const answer = await ask(url)
      assert.equal(answer.status, 503, `${door}: whether there is such a key is not known`)
      assert.doesNotMatch(await answer.text(), whereItIs, door)
    }
    const said = lines.filter((line) => line.includes('"msg":"the store fails"'))
    assert.ok(
      said.some((line) => line.includes(`PostgreSQL at postgres://`) && line.includes(`127.0.0.1:${port}`)),
      `the log says where it cannot be reached:\n${said.join('')}`,
    )
    await assert.rejects(
      client.queue('q').receive(),
      (error) => error instanceof MillraceError && error.code === 'StoreUnavailable',
    )

    proxy.mend()
    await until(async () => (await fetch(`${url}/readyz`)).status === 200)
    for (const [door, asked] of Object.entries(doors)) {
      const answer = await askDoor(url, asked)
      assert.equal(answer.status, asked.ok, `${door}: ${await answer.text()}`)
    }
    const received = await client.queue('q').receive({ maxMessages: 10 })
    assert.deepEqual(
      received.map((message) => message.text()).sort(),
      ['"cloud-queues"', '"native"', 'starqueue', 'worker', '{"from":"altogic"}'],
      'what was refused was not sent, what was not was',
    )
    // Who waited all that time is served as if nothing had been.
    await client.queue('empty').send('at last')
    assert.deepEqual(
      (await wait).map((message) => message.text()),
      ['at last'],
    )
  })
})
