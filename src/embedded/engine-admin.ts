import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { MillraceError } from '../client/error.ts'
import type { CreatedKey, CreateKeyRequest, Key, ServerInfo } from '../client/index.ts'
import type { Accounts, Admin, BackedUp, BackupOptions, Keys } from '../client/types/millrace.ts'
import type { Clock } from '../core/clock.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { IdentityService } from '../core/identity/create-identity.ts'
import { defaultScopes, grantsOf } from '../core/identity/identity.ts'
import type { Key as IdentityKey } from '../core/identity/model.ts'
import { withProjectId } from '../core/identity/project-id.ts'
import { type Store, StoreFailure } from '../core/store.ts'
import type { SqliteStore } from '../stores/sqlite/index.ts'
import { ask } from './engine-management.ts'
import { engineOperator } from './engine-operator.ts'
import { given } from './given.ts'

export interface EngineAdminOptions {
  readonly engine: QueueEngine
  readonly account: string
  /** Made when it is first asked for: a program that embeds queues rarely keeps accounts. */
  identity(): Promise<IdentityService>
  readonly store: Store
  readonly clock: Clock
  readonly dataDirectory: string | null
  readonly version: string
}

/** What operators do, without a server: accounts and keys are those of a server that serves the same data later. */
export const engineAdmin = (options: EngineAdminOptions): Admin => {
  const startedAt = options.clock.now()
  return {
    operator: engineOperator(options),
    accounts: accounts(options),
    keys: keys(options),
    backup: (file, backupOptions = {}) => backup(options, file, backupOptions),
    info: ({ signal } = {}) => ask(signal, async () => info(options, startedAt)),
  }
}

const info = ({ store, clock, dataDirectory, version }: EngineAdminOptions, startedAt: number): ServerInfo => {
  const { sizeBytes, gauges } = store.stats()
  return {
    version,
    runtime: `node ${process.versions.node}`,
    open: true,
    startedAt,
    uptimeMs: clock.now() - startedAt,
    dataDirectory,
    store: { kind: store.kind, sizeBytes, gauges: { ...gauges } },
  }
}

const accounts = ({ identity }: EngineAdminOptions): Accounts => ({
  list: ({ signal, ...query } = {}) =>
    ask(signal, async () => {
      const page = await (await identity()).listAccounts(given(query))
      return { accounts: page.accounts.map(withProjectId), next: page.next }
    }),
  create: (name, { displayName, signal } = {}) =>
    ask(signal, async () => {
      const { account } = await (await identity()).putAccount({ name, ...given({ displayName }) })
      return withProjectId(account)
    }),
  delete: (account, { signal } = {}) =>
    ask(signal, async () => {
      const outcome = await (await identity()).removeAccount(account)
      if (outcome === 'has-queues') {
        throw new MillraceError('AccountNotEmpty', `The account '${account}' has queues.`, { data: { account } })
      }
      return outcome === 'removed'
    }),
})

const keys = ({ identity }: EngineAdminOptions): Keys => ({
  list: (account, { signal } = {}) =>
    ask(signal, async () => {
      const service = await identity()
      if (!(await service.getAccount(account))) throw noAccount(account)
      return (await service.listKeys(account)).map(keyOf)
    }),
  create: (account, key = {}, { signal } = {}) => ask(signal, async () => createKey(await identity(), account, key)),
  delete: (account, keyId, { signal } = {}) =>
    ask(signal, async () => (await (await identity()).removeKey(account, keyId)) === 'removed'),
})

const createKey = async (
  identity: IdentityService,
  account: string,
  request: CreateKeyRequest,
): Promise<CreatedKey> => {
  const { scopes = defaultScopes, queues = '*', ...terms } = request
  const issued = await identity.createKey({ account, grants: grantsOf(scopes, [queues]), ...terms })
  if (!issued) throw noAccount(account)
  const { key, secret, token } = issued
  return { ...keyOf(key), secret, token }
}

const keyOf = ({ grants, client, ...key }: IdentityKey): Key => ({
  ...key,
  grants: [...grants],
  client: client && { ...client, authorizedDomains: [...client.authorizedDomains] },
})

const noAccount = (account: string): MillraceError =>
  new MillraceError('AccountNotFound', `There is no account '${account}'.`, { data: { account } })

type Copied = Store & Pick<SqliteStore, 'backup'>

const canBackUp = (store: Store): store is Copied => 'backup' in store

const backup = (
  { store, dataDirectory }: EngineAdminOptions,
  file: string,
  { onProgress, signal }: BackupOptions,
): Promise<BackedUp> =>
  ask(signal, async () => {
    if (!canBackUp(store)) throw new MillraceError('NotSupported', 'This store has a backup of its own: use that.')
    const target = resolve(dataDirectory ?? '', file)
    try {
      await store.backup(target, {
        ...given({ signal }),
        onProgress: ({ copiedBytes, totalBytes }) => onProgress?.({ done: copiedBytes, total: totalBytes }),
      })
    } catch (error) {
      if (error instanceof StoreFailure) throw new MillraceError('BackupRefused', error.message, { cause: error })
      throw error
    }
    return { file, sizeBytes: statSync(target).size }
  })
