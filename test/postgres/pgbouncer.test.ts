// Behind PgBouncer in transaction mode, where each transaction may get another connection to the server.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseAddress } from '../../src/stores/postgres/address.ts'
import { Connection, connectToPrimary } from '../../src/stores/postgres/connections.ts'
import type { Statement } from '../../src/stores/postgres/flight.ts'
import { at, bytes, startNode, textOf, until } from './node.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

const binary = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((path) =>
  existsSync(path),
)
const left = withoutPostgres.skip ?? (binary ? undefined : 'there is no pgbouncer: apt-get install pgbouncer')

const options = { timeout: 60_000, ...(left ? { skip: left } : {}) }

/** The server's URL by way of a PgBouncer of the test's own. */
const startPgBouncer = async (t: TestContext): Promise<URL> => {
  const url = new URL(await freshUrl())
  const directory = mkdtempSync('/tmp/millrace-pgbouncer-')
  chmodSync(directory, 0o755)
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const port = await freePort()
  const file = join(directory, 'pgbouncer.ini')
  writeFileSync(join(directory, 'users.txt'), '"millrace" ""\n')
  writeFileSync(
    file,
    `[databases]
postgres = host=127.0.0.1 port=${url.port} user=millrace
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${join(directory, 'users.txt')}
pool_mode = transaction
default_pool_size = 3
`,
  )
  const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const child = spawn(binary ?? '', ['-q', file], { stdio: 'ignore', cwd: '/tmp', ...owner })
  const exited = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await until(async () => {
    assert.equal(child.exitCode, null, 'pgbouncer ended')
    return isOpen(port)
  })

  url.port = String(port)
  return url
}

test('two nodes behind PgBouncer in transaction mode', options, async (t) => {
  const url = await startPgBouncer(t)
  // Nodes that both ask for notifications, which do not pass.
  const nodes = [await startNode(t, { url: url.href }), await startNode(t, { url: url.href })]
  const [a, b] = nodes
  assert.ok(a && b)
  await a.engine.createQueue({ ...at, settings: {} })
  await a.engine.createQueue({ account: 'a', queue: 'fifo', settings: { ordering: 'grouped' } })
  const received = new Set<string>()
  const sends = Array.from({ length: 300 }, (_, i) => {
    const queue = i % 2 ? 'q' : 'fifo'
    const messages = [{ body: bytes(`${i}`), messageGroup: `${i % 7}`, deduplicationId: `${i}` }]
    return (i % 3 ? a : b).engine.send({ account: 'a', queue, messages })
  })
  await Promise.all(sends)
  const take = async (queue: string, node: typeof a) => {
    while (received.size < 300) {
      for (const message of await node.engine.receive({ account: 'a', queue, maxMessages: 10, waitMs: 100 })) {
        assert.ok(!received.has(textOf(message)), `${textOf(message)} came twice`)
        received.add(textOf(message))
        const entries = [{ receiptHandle: message.receiptHandle ?? '', action: { do: 'delete' } as const }]
        await node.engine.settle({ account: 'a', queue, entries })
      }
    }
  }
  await Promise.all(nodes.flatMap((node) => [take('q', node), take('fifo', node)]))
  // One that sends alone has what is new written while it waits for its turn.
  const alone = { account: 'a', queue: 'alone' }
  const sendAlone = () => a.engine.send({ ...alone, messages: [{ body: bytes('x') }] })
  for (let i = 0; i < 20; i++) await sendAlone()
  const oneByOne: ReturnType<typeof sendAlone>[] = []
  for (let i = 0; i < 300; i++) {
    oneByOne.push(sendAlone())
    // In a transaction of its own.
    await new Promise(setImmediate)
  }
  const places = (await Promise.all(oneByOne)).flat().map(({ position }) => position)
  assert.equal(new Set(places).size, 300)
  assert.equal((await b.engine.getQueue(alone)).counts.ready, 320)
  const waiting = b.engine.receive({ ...at, waitMs: 30_000 })
  await a.engine.send({ ...at, messages: [{ body: bytes('woken') }] })
  assert.deepEqual((await waiting).map(textOf), ['woken'])
})

test(
  'a flight whose rest comes later passes through PgBouncer, and leaves the connection in order when it fails',
  options,
  async (t) => {
    const client = await connectToPrimary(parseAddress((await startPgBouncer(t)).href))
    t.after(() => client.end())
    const connection = new Connection(client)
    const told: unknown[] = []
    const note = (text: string): Statement => ({ text, rows: (rows) => void told.push(rows) })
    for (const when of [never, Promise.resolve(), new Promise(setImmediate)]) {
      const statements = () => [note('SELECT 3'), { text: 'COMMIT' }]
      if (when !== never) {
        await connection.fly([{ text: 'BEGIN' }, note('SELECT 1')], { when: () => when, statements })
        assert.deepEqual(told.splice(0), [[['1']], [['3']]])
      }
      const failing = connection.fly([{ text: 'BEGIN' }, note('SELECT 1 / 0')], { when: () => when, statements })
      await assert.rejects(failing, { code: '22012' })
      for (const text of ['ROLLBACK', 'BEGIN']) await connection.fly([{ text }])
      await connection.fly([note('SELECT 4'), { text: 'COMMIT' }])
      assert.deepEqual(told.splice(0), [[['4']]])
    }
  },
)

const never = new Promise(() => {})

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const isOpen = async (port: number): Promise<boolean> => {
  const { connect } = await import('node:net')
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
