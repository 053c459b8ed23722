import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const main = resolve(import.meta.dirname, '../../src/cli/main.ts')

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output as NDJSON. */
  readonly records: readonly Record<string, unknown>[]
}

export interface RunOptions {
  readonly input?: string | Uint8Array | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cwd?: string | undefined
}

/** A command that is running. */
export class Running {
  readonly process: ChildProcess
  stdout = ''
  stderr = ''
  readonly #ended: Promise<number | null>

  constructor(args: readonly string[], options: RunOptions = {}) {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...options.env }
    this.process = spawn(process.execPath, [main, ...args], { env, cwd: options.cwd, stdio: 'pipe' })
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    // A command that does not read its input closes it.
    this.process.stdin?.on('error', () => {})
    if (options.input !== undefined) this.process.stdin?.end(options.input)
    this.#ended = once(this.process, 'close').then(([code]: (number | null)[]) => code ?? null)
  }

  /** Resolves as soon as the output matches; rejects when the command ends without. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout + this.stderr)
      if (match) return match
      const more = [this.process.stdout, this.process.stderr].map((stream) => stream && once(stream, 'data'))
      const ended = await Promise.race([...more, this.#ended.then(() => 'ended')])
      if (ended === 'ended' && !pattern.test(this.stdout + this.stderr)) {
        throw new Error(`It ended without ${pattern}:\n${this.stdout}\n${this.stderr}`)
      }
    }
  }

  async end(): Promise<Result> {
    const code = await this.#ended
    const { stdout, stderr } = this
    return {
      code,
      stdout,
      stderr,
      get records() {
        return stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Record<string, unknown>)
      },
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Result> {
    this.process.kill(signal)
    return this.end()
  }
}

export const millrace = (args: readonly string[], options: RunOptions = {}): Promise<Result> =>
  new Running(args, { input: '', ...options }).end()

/** A test, or a file of tests: what is made for it goes when it is over. */
export interface Scope {
  after(run: () => Promise<void> | void): void
}

export interface Server {
  readonly url: string
  readonly data: string
  readonly running: Running
  /** A command against this server. */
  run(args: readonly string[], options?: RunOptions): Promise<Result>
  start(args: readonly string[], options?: RunOptions): Running
}

/** A server on a free port with data of its own, stopped when the test is over. */
export const startServer = async (
  t: Scope,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Server> => {
  const directory = temporaryDirectory(t)
  const data = join(directory, 'data')
  const running = new Running(['serve', '--port', '0', '--data', data, ...args], { cwd: directory, ...options })
  t.after(async () => {
    await running.stop()
  })
  const [url] = await running.until(/http:\/\/127\.0\.0\.1:\d+/)
  const env = (more: RunOptions) => ({ ...more, env: { MILLRACE_URL: url, ...more.env } })
  return {
    url,
    data,
    running,
    run: (command, more = {}) => millrace(command, env(more)),
    start: (command, more = {}) => new Running(command, env(more)),
  }
}

export const temporaryDirectory = (t: Scope): string => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  return directory
}
