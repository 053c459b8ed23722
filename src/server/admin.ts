import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { IdentityService } from '../core/identity/create-identity.ts'
import { type Store, StoreFailure } from '../core/store.ts'
import { type AdminApi, BackupRefused } from '../protocols/native/index.ts'
import type { BackupProgress, SqliteStore } from '../stores/sqlite/index.ts'

export interface AdminOptions {
  readonly identity: IdentityService
  readonly store: Store
  readonly clock: Clock
  readonly version: string
  readonly dataDirectory: string | null
}

/** What operators can do through the native API. */
export const createAdmin = ({ identity, store, clock, version, dataDirectory }: AdminOptions): AdminApi => {
  const startedAt = clock.now()
  return {
    getAccount: (name) => identity.getAccount(name),
    listAccounts: (query) => identity.listAccounts(query),
    putAccount: (account) => identity.putAccount(account),
    removeAccount: (name) => identity.removeAccount(name),
    listKeys: (account) => identity.listKeys(account),
    createKey: (key) => identity.createKey(key),
    removeKey: (account, keyId) => identity.removeKey(account, keyId),

    info() {
      const { sizeBytes, gauges } = store.stats()
      return {
        version,
        runtime: `node ${process.versions.node}`,
        open: identity.open,
        startedAt,
        uptimeMs: clock.now() - startedAt,
        dataDirectory,
        store: { kind: store.kind, sizeBytes, gauges: { ...gauges } },
      }
    },
    ...(canBackUp(store) && { backup: backupOf(store, dataDirectory) }),
  }
}

/** A store that can be copied while it works. */
type BackedUp = Store & Pick<SqliteStore, 'backup'>

const canBackUp = (store: Store): store is BackedUp => 'backup' in store

const backupOf =
  (store: BackedUp, dataDirectory: string | null): NonNullable<AdminApi['backup']> =>
  async (file, { progress, signal }) => {
    const target = resolve(dataDirectory ?? '', file)
    try {
      const onProgress = (at: BackupProgress) => progress(at.copiedBytes, at.totalBytes)
      await store.backup(target, { signal, onProgress })
    } catch (error) {
      throw error instanceof StoreFailure ? new BackupRefused(error.message) : error
    }
    return { sizeBytes: statSync(target).size }
  }
