// A server in a process of its own, which can be killed.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { storeFlags } from '../postgres/chosen.ts'

const main = resolve(import.meta.dirname, '../../src/cli/main.ts')

export interface ServerProcess {
  readonly url: string
  kill(): Promise<void>
}

export const startProcess = async (t: TestContext, directory: string, ...flags: string[]): Promise<ServerProcess> => {
  const args = [main, 'serve', '--port', '0', '--data', directory, '--log-level', 'warn']
  const child = spawn(process.execPath, [...args, ...(await storeFlags(directory)), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  t.after(kill)
  return { url: await greeting(child), kill }
}

const greeting = async (child: ChildProcess): Promise<string> => {
  let said = ''
  for await (const bytes of child.stdout ?? []) {
    said += String(bytes)
    const url = /Millrace listens on (\S+)/.exec(said)?.[1]
    if (url !== undefined) {
      child.stdout?.resume()
      return url
    }
  }
  throw new Error(`the server ended before it listened: ${said}`)
}
