import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import { unfinishedCopy, unfinishedCopySentence } from '../core/copy/mark.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { PasswordStrength } from '../core/identity/password-hash.ts'
import type { Store } from '../core/store.ts'
import { storeFailureOf } from '../core/unavailable.ts'
import { type Composed, compose } from './compose.ts'
import type { Config } from './config/schema.ts'
import type { TlsFiles } from './http/app.ts'
import { listen } from './http/listen.ts'
import { createLogger } from './logging.ts'
import { isPostgres, openStore } from './open-store.ts'
import { readServerKey } from './server-key.ts'
import { checkSharedServerKey } from './shared-server-key.ts'
import { StartError } from './start-error.ts'

export interface RunningServer {
  /** Where this machine reaches it, without a slash at the end. */
  readonly url: string
  /** No credentials are asked for; see `Identity.open`. */
  readonly open: boolean
  readonly engine: QueueEngine
  readonly log: Logger
  /**
   * Stops it: no more connections, waiting receives are answered with nothing, what is decided is committed and
   * answered. Connections that are still in use after `limits.stopTimeoutMs` are cut. Resolves when the store is closed.
   */
  close(): Promise<void>
}

export interface StartOptions {
  /** Default: as `config.log` says, to standard error. */
  readonly log?: Logger
  /** Default: as `config.store` says. It is closed with the server. */
  readonly store?: Store
  readonly clock?: Clock
  /** Default: as much as suits a server. */
  readonly passwordStrength?: PasswordStrength
}

/** Starts a server. Throws a `StartError`, `ConfigError` or `StoreFailure` that says why it cannot. */
export const startServer = async (config: Config, options: StartOptions = {}): Promise<RunningServer> => {
  const { log = createLogger(config.log), store = await openStore(config), clock, passwordStrength } = options
  let composed: Composed | undefined
  try {
    const copying = await unfinishedCopy(store)
    if (copying) throw new StartError(unfinishedCopySentence(copying))
    const serverKey = readServerKey(config.data, config.serverKeyFile)
    if (isPostgres(config)) await checkSharedServerKey(store, serverKey)
    const tls = readTls(config.tls)
    composed = await compose(config, {
      store,
      serverKey,
      tls,
      log,
      ...(clock && { clock }),
      ...(passwordStrength && { passwordStrength }),
    })
    const { host, port } = config
    const url = await listen(composed.app, { host, port, secure: tls !== undefined })
    return running(composed, { url, store, log, stopTimeoutMs: config.limits.stopTimeoutMs })
  } catch (error) {
    try {
      await composed?.stop()
    } finally {
      await store.close()
    }
    throw storeFailureOf(error) ?? error
  }
}

const running = (
  { app, engine, identity, stop }: Composed,
  { url, store, log, stopTimeoutMs }: { url: string; store: Store; log: Logger; stopTimeoutMs: number },
): RunningServer => {
  const close = async () => {
    log.info('stopping')
    const cut = setTimeout(() => {
      log.warn('connections that are still in use are cut')
      app.server.closeAllConnections()
    }, stopTimeoutMs)
    try {
      await stop()
    } finally {
      clearTimeout(cut)
      await store.close()
    }
    log.info('stopped')
  }
  let closing: Promise<void> | undefined
  return {
    url,
    get open() {
      return identity.open
    },
    engine,
    log,
    close() {
      closing ??= close()
      return closing
    },
  }
}

const readTls = ({ cert, key }: Config['tls']): TlsFiles | undefined => {
  if (cert === undefined || key === undefined) return undefined
  const files = { cert: readPem(cert, 'tls.cert'), key: readPem(key, 'tls.key') }
  try {
    createSecureContext(files)
  } catch (error) {
    throw new StartError(`tls: the certificate and key cannot be used: ${(error as Error).message}`)
  }
  return files
}

const readPem = (path: string, place: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new StartError(`${place}: cannot be read: ${(error as Error).message}`)
  }
}
