import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { defaultLimits, MillraceHandle } from '../client/millrace.ts'
import { type Runtime, systemRuntime } from '../client/runtime.ts'
import type { Millrace } from '../client/types/millrace.ts'
import type { Clock, Random } from '../core/clock.ts'
import { unfinishedCopy, unfinishedCopySentence } from '../core/copy/mark.ts'
import { createEngine } from '../core/engine.ts'
import { createIdentity } from '../core/identity/create-identity.ts'
import { serverKeyBytes } from '../core/identity/sealing.ts'
import type { EngineLimits } from '../core/limits.ts'
import { secretBox } from '../core/secrets.ts'
import { type Store, StoreFailure } from '../core/store.ts'
import { systemClock, systemRandom } from '../core/system.ts'
import { openCaller, startDispatcher } from '../push/index.ts'
import { readServerKey } from '../server/server-key.ts'
import { sqliteStore } from '../stores/sqlite/index.ts'
import { jsonSchemas } from '../structures/json-schemas.ts'
import { engineAdmin } from './engine-admin.ts'
import { EngineBackend } from './engine-backend.ts'
import { asMillraceError } from './errors.ts'

interface CommonOptions {
  /** Whose queues; default `default`, which is also what a server in open mode uses. */
  readonly account?: string | undefined
  readonly limits?: Partial<EngineLimits> | undefined
  /** For tests: time and randomness. Default: the machine's. */
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

export type OpenOptions = CommonOptions &
  (
    | {
        /** Where the data is; made if need be. One process at a time. */
        readonly directory: string
      }
    | {
        /** Where the data is instead, such as `memoryStore()` of `millrace/testing`. It is closed with the Millrace. */
        readonly store: Store
      }
  )

/** A whole Millrace in this process, without a server: the same interface as `createClient`. */
export const openMillrace = async (options: OpenOptions): Promise<Millrace> => {
  const { account = 'default', limits = {}, clock = systemClock(), random = systemRandom() } = options
  const directory = 'directory' in options ? resolve(options.directory) : null
  const store = 'store' in options ? options.store : openStore(options.directory)
  if (directory !== null) await refuseUnfinishedCopy(store)
  const serverKey = () => (directory === null ? randomBytes(serverKeyBytes) : readServerKey(directory))
  const secrets = secretBox(serverKey, randomBytes)
  const engine = createEngine({ store, clock, random, limits, jsonSchemas: jsonSchemas(), secrets })
  const identity = once(() => createIdentity({ engine, clock, randomBytes, serverKey: serverKey(), open: true }))
  const push = startDispatcher({
    engine,
    clock,
    random: Math.random,
    secrets,
    caller: () => openCaller({ addresses: () => anywhere }),
  })
  const backend = new EngineBackend({
    engine,
    account,
    admin: engineAdmin({
      engine,
      account,
      identity,
      store,
      clock,
      dataDirectory: directory,
      version: packageJson.version,
    }),
    push,
    close: () => store.close(),
  })
  return new MillraceHandle({ backend, limits: defaultLimits, runtime: runtimeOf(options.clock) })
}

/** Whoever sets a target in this process could call it from here as well. */
const anywhere = { all: true, loopback: true, networks: [] }

const openStore = (directory: string): Store => {
  try {
    return sqliteStore({ directory })
  } catch (error) {
    throw asMillraceError(error)
  }
}

const refuseUnfinishedCopy = async (store: Store): Promise<void> => {
  const copying = await unfinishedCopy(store)
  if (!copying) return
  await store.close()
  throw asMillraceError(new StoreFailure(unfinishedCopySentence(copying), { safeToRetry: true }))
}

/** Work of the client goes by the same clock as the queues. */
const runtimeOf = (clock: Clock | undefined): Runtime => {
  if (!clock) return systemRuntime()
  return {
    ...systemRuntime(),
    now: () => clock.now(),
    after: (ms, run) => clock.callAt(clock.now() + ms, run, { keepAlive: true }),
  }
}

const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}
