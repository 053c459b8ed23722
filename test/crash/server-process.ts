import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { resolve } from 'node:path'
import { storeFlags } from '../postgres/chosen.ts'

const main = resolve(import.meta.dirname, '../../src/cli/main.ts')

/** A real server in a process of its own, to be killed. */
export class ServerProcess {
  readonly url: URL
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(url: URL, child: ChildProcess, ended: Promise<unknown>) {
    this.url = url
    this.#child = child
    this.#ended = ended
  }

  /** Resolves as soon as the server listens. */
  static async start(data: string): Promise<ServerProcess> {
    const args = [main, 'serve', '--port', '0', '--data', data, '--log-level', 'error', ...(await storeFlags(data))]
    const { PATH, HOME, TMPDIR } = process.env
    const child = spawn(process.execPath, args, { env: { PATH, HOME, TMPDIR }, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'exit')
    let output = ''
    const listening = new Promise<URL>((settle, fail) => {
      const read = (text: string) => {
        output += text
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? []
        if (url !== undefined) settle(new URL(url))
      }
      child.stdout?.setEncoding('utf8').on('data', read)
      child.stderr?.setEncoding('utf8').on('data', read)
      ended.then(() => fail(new Error(`The server ended by itself:\n${output}`)), fail)
    })
    return new ServerProcess(await listening, child, ended)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async ended(): Promise<void> {
    await this.#ended
  }
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the ledger looks into whatever was answered.
  readonly body: any
}

/** The connection broke before the answer was complete: nobody knows whether it was done. */
export class Lost extends Error {}

/** One connection to the server. */
export class Connection {
  readonly #url: URL
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(url: URL) {
    this.#url = url
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const { status, content } = await this.#send(method, `/api/v1${path}`, text, {
      ...(text === '' ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    })
    return { status, body: content === '' ? undefined : JSON.parse(content) }
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, body: string, headers: Record<string, string>) {
    return new Promise<{ status: number; content: string }>((settle, fail) => {
      const lost = (error: Error) => fail(new Lost(error.message))
      const { hostname, port } = this.#url
      const length = { 'Content-Length': String(Buffer.byteLength(body)) }
      const asked = request({ hostname, port, method, path, agent: this.#agent, headers: { ...headers, ...length } })
      asked.on('error', lost).on('response', (response) => {
        let content = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          content += chunk
        })
        response.on('error', lost).on('end', () => settle({ status: response.statusCode ?? 0, content }))
      })
      asked.end(body)
    })
  }
}
