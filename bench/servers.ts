import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A server process under test, on loopback. */
export interface ServerProcess {
  readonly url: string
  /** Resident memory at its highest, in megabytes. */
  peakMemoryMb(): number
  stop(): Promise<void>
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** As people install it: compiled, and started as a command. */
export const startMillrace = async (directory: string): Promise<ServerProcess> => {
  const port = await freePort()
  build()
  const args = ['serve', '--port', String(port), '--data', directory, '--log-level', 'warn']
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const command = spawn(file('../dist/cli/main.js'), args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH },
  })
  return ready(command, port, '/readyz')
}

/** As people try it in a clone: `npm start`, which strips the types of the source as it loads it. */
export const startAsCloned = async (directory: string): Promise<ServerProcess> => {
  const port = await freePort()
  const args = ['start', '--silent', '--', '--port', String(port), '--data', directory, '--log-level', 'warn']
  const child = spawn('npm', args, { cwd: file('..'), detached: true, stdio: ['ignore', 'ignore', 'inherit'] })
  const server = await ready(child, port, '/readyz')
  return {
    ...server,
    // npm does not wait for the server that it started.
    async stop() {
      const group = -(child.pid as number)
      process.kill(group, 'SIGTERM')
      while (isThere(group)) await delay(20)
    },
  }
}

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

let isBuilt = false

const build = (): void => {
  if (isBuilt) return
  const { status } = spawnSync(process.execPath, [file('../scripts/build.ts')], { stdio: 'inherit' })
  if (status !== 0) throw new Error('the package could not be built')
  isBuilt = true
}

/** A bare node:http server that reads the body and answers the same bytes as ours: the speed of light here. */
export const startBare = async (answer: string): Promise<ServerProcess> => {
  const port = await freePort()
  const child = spawn(process.execPath, [file('./bare-server.ts'), String(port), answer], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return ready(child, port, '/')
}

const ready = async (child: ChildProcess, port: number, path: string): Promise<ServerProcess> => {
  const url = `http://127.0.0.1:${port}`
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the server process ended before it was ready: ${child.spawnargs.join(' ')}`)
  })
  await Promise.race([answers(url + path), ended])
  ended.catch(() => {})
  return {
    url,
    peakMemoryMb: () => peakMemoryMb(child.pid),
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

const answers = async (url: string): Promise<void> => {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    const answer = await fetch(url, { method: 'POST' }).catch(() => undefined)
    if (answer) return
    await delay(20)
  }
  throw new Error(`${url} did not answer within a minute`)
}

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Linux only; elsewhere not a number. */
const peakMemoryMb = (pid: number | undefined): number => {
  const status = `/proc/${pid}/status`
  if (!existsSync(status)) return Number.NaN
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]) / 1024
}
