// A node of several over one database: an engine within this process, or a server of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createEngine } from '../../src/core/engine.ts'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import type { ObservedVerb } from '../../src/core/observer.ts'
import type { Store } from '../../src/core/store.ts'
import { systemClock, systemRandom } from '../../src/core/system.ts'
import { type PostgresStoreOptions, postgresStore } from '../../src/stores/postgres/index.ts'

export const at = { account: 'a', queue: 'q' } as const
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = ({ message }: { message: { body: Uint8Array } }): string => new TextDecoder().decode(message.body)

export interface Node {
  readonly engine: QueueEngine
  readonly store: Store
  /** What happened here by itself, or was asked for. */
  readonly events: ObservedVerb[]
  stop(): Promise<void>
}

export const startNode = async (t: TestContext, options: PostgresStoreOptions): Promise<Node> => {
  const store = await postgresStore(options)
  const events: ObservedVerb[] = []
  const observer = { verb: (event: ObservedVerb) => void events.push(event), waiting: () => {}, committed: () => {} }
  const engine = createEngine({ store, clock: systemClock(), random: systemRandom(), observer })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= engine.stop().then(() => store.close())
    return stopping
  }
  t.after(stop)
  return { engine, store, events, stop }
}

/** Until it holds; the tests' own limit ends it otherwise. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await delay(20)
}

export interface ServerProcess {
  readonly url: string
  readonly child: ChildProcess
  kill(): Promise<void>
}

/** `millrace serve` over a database. */
export const startServerProcess = async (
  t: TestContext,
  store: string,
  data: string,
  { clockSkewMs = 0 }: { clockSkewMs?: number } = {},
): Promise<ServerProcess> => {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const args = [main, 'serve', '--port', '0', '--data', data, '--store', store]
  if (clockSkewMs !== 0) args.unshift('--import', join(import.meta.dirname, 'skewed-clock.ts'))
  const env = { ...process.env, TEST_CLOCK_SKEW_MS: String(clockSkewMs) }
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const exited = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  t.after(kill)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece))
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${output}`)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
    return (
      url !== undefined &&
      (await fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
  })
  return { url: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '', child, kill }
}

export const temporaryDirectory = (t: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-nodes-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
