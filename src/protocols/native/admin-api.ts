import type { ClientTerms } from '../../core/identity/client-terms.ts'
import type { Grant } from '../../core/identity/identity.ts'
import type { Account } from '../../core/identity/model.ts'
import type { CreateKeyRequest, Key, ServerInfo } from './schemas/index.ts'

/** What the server does for its operators: accounts and keys, backups, and facts about itself. */
export interface AdminApi {
  getAccount(name: string): Promise<Account | undefined>
  listAccounts(query: { after?: string; limit?: number }): Promise<{
    readonly accounts: readonly Account[]
    readonly next: string | null
  }>
  putAccount(account: { name: string; displayName?: string }): Promise<{ account: Account; created: boolean }>
  removeAccount(name: string): Promise<'removed' | 'absent' | 'has-queues' | 'configured'>

  listKeys(account: string): Promise<readonly AdminKey[]>
  /** Undefined when there is no such account. */
  createKey(key: {
    account: string
    name?: string
    grants: readonly Grant[]
    expiresAt?: number | null
    client?: NonNullable<CreateKeyRequest['client']>
  }): Promise<{ readonly key: AdminKey; readonly secret: string; readonly token: string } | undefined>
  removeKey(account: string, keyId: string): Promise<'removed' | 'absent' | 'configured'>

  info(): ServerInfo | Promise<ServerInfo>
  /**
   * Writes a backup to a new file on the server's machine. Rejects with `BackupRefused` when that cannot be; undefined: this
   * server has no store that it could back up.
   */
  readonly backup?: (
    file: string,
    options: { progress: (done: number, total: number) => void; signal: AbortSignal },
  ) => Promise<{ readonly sizeBytes: number }>
}

/** As `Key`, with lists that are not to be changed. */
export type AdminKey = Omit<Key, 'grants' | 'client'> & {
  readonly grants: readonly Grant[]
  readonly client: ClientTerms | null
}

/** A backup that cannot be written where it was asked for; the message says why. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
}
