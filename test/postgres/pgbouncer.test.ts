// Behind PgBouncer in transaction mode, where each transaction may get another connection to the server.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { at, bytes, startNode, textOf, until } from './node.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

const binary = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((path) =>
  existsSync(path),
)
const left = withoutPostgres.skip ?? (binary ? undefined : 'there is no pgbouncer: apt-get install pgbouncer')

test('two nodes behind PgBouncer in transaction mode', {
  timeout: 60_000,
  ...(left ? { skip: left } : {}),
}, async (t) => {
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
  const waiting = b.engine.receive({ ...at, waitMs: 30_000 })
  await a.engine.send({ ...at, messages: [{ body: bytes('woken') }] })
  assert.deepEqual((await waiting).map(textOf), ['woken'])
})

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
