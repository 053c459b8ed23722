import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Requests a second that 64 connections get out of a server with one POST over and over. */
export const wrkPost = async (
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  seconds: number,
): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-wrk-'))
  try {
    const script = join(folder, 'post.lua')
    const bodyFile = join(folder, 'body')
    await writeFile(bodyFile, body)
    await writeFile(
      script,
      [
        'wrk.method = "POST"',
        `local file = io.open("${bodyFile}", "rb"); wrk.body = file:read("*a"); file:close()`,
        ...Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`),
        'done = function(summary) io.write("errors " .. summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.timeout .. "\\n") end',
      ].join('\n'),
    )
    const { stdout } = await run('wrk', ['-t', '1', '-c', '64', '-d', `${seconds}s`, '-s', script, url]).catch(explain)
    const errors = Number(/^errors (\d+)/m.exec(stdout)?.[1] ?? 0)
    if (errors > 0) throw new Error(`${errors} requests to ${url} failed`)
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
  } finally {
    await rm(folder, { recursive: true })
  }
}

const explain = (error: NodeJS.ErrnoException): never => {
  if (error.code !== 'ENOENT') throw error
  throw new Error('this needs wrk, the HTTP load generator; install it (Debian: apt-get install wrk)')
}
