import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parseConfig } from '../../src/server/config/parse.ts'
import type { Config } from '../../src/server/config/schema.ts'
import { type RunningServer, type StartOptions, startServer } from '../../src/server/index.ts'
import { createLogger } from '../../src/server/logging.ts'
import { chosenStore } from '../postgres/chosen.ts'

export const temporaryDirectory = (t: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-server-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A configuration as a file would give it, on a port that is free. */
export const configOf = (directory: string, file: object = {}): Config =>
  parseConfig({
    file: { name: 'test.json', text: JSON.stringify({ port: 0, data: directory, ...file }), directory },
    workingDirectory: directory,
  })

export interface TestServer extends RunningServer {
  /** Everything that was logged. */
  readonly lines: string[]
  /** A request to the native API. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Response>
}

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever was answered.
  readonly body: any
}

/** Nobody guesses at these. */
const passwordStrength = { N: 2, r: 8, p: 1 }

/** A server within this process, closed with the test. */
export const startTestServer = async (
  t: TestContext,
  file: object = {},
  options: StartOptions & { directory?: string } = {},
): Promise<TestServer> => {
  const { directory = temporaryDirectory(t), ...rest } = options
  const config = configOf(directory, file)
  const store = rest.store ?? (await chosenStore(() => undefined, directory))
  const lines: string[] = []
  const log = createLogger({ level: 'trace', format: 'json' }, { write: (line) => lines.push(line) })
  const server = await startServer(config, {
    log,
    passwordStrength,
    ...rest,
    ...(store && { store }),
  })
  t.after(() => server.close())
  const { url } = server
  return Object.assign(Object.create(server) as RunningServer, {
    lines,
    get: (path: string, headers = {}) => fetch(url + path, { headers }),
    async call(method: string, path: string, { body, token }: CallOptions = {}) {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: {
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        },
      })
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
    },
  })
}

export const secretOf = (id: string): string => `a-long-secret-of-${id}`
export const tokenOf = (id: string): string => `mr_${id}_${secretOf(id)}`

/** An account for the configuration, with one key that may do everything, called as the account. */
export const accountNamed = (name: string, ...keys: object[]) => ({
  name,
  keys: [{ id: name, secret: secretOf(name), scopes: ['send', 'receive', 'manage', 'admin'] }, ...keys],
})
