import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const main = resolve(import.meta.dirname, '../../src/cli/main.ts')

/** A real server in a process of its own, which can be killed at any moment. */
export class CrashingServer {
  readonly #directory: string
  #child: ChildProcess | undefined
  url = ''

  constructor(directory: string) {
    this.#directory = directory
  }

  async start(): Promise<void> {
    const args = [main, 'serve', '--port', '0', '--data', this.#directory, '--log-level', 'warn']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    let said = ''
    for await (const bytes of child.stdout) {
      said += String(bytes)
      const url = /Millrace listens on (\S+)/.exec(said)?.[1]
      if (url === undefined) continue
      this.url = url
      child.stdout.resume()
      return
    }
    throw new Error(`the server ended before it listened: ${said}`)
  }

  /** As a power cut would, for the process: no chance to finish anything. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}
