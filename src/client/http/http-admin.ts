import type {
  Account,
  AccountPage,
  BackupProgress,
  CreatedKey,
  CreateKeyRequest,
  Key,
  Keys as KeyList,
  ServerInfo,
} from '../../protocols/native/schemas/admin.ts'
import type { Deleted } from '../../protocols/native/schemas/common.ts'
import { type ErrorCode, isMillraceError, MillraceError } from '../error.ts'
import type { Accounts, Admin, BackedUp, BackupOptions, Keys } from '../types/millrace.ts'
import type { Api } from './api.ts'
import { httpOperator } from './http-operator.ts'

export const httpAdmin = (api: Api): Admin => ({
  operator: httpOperator(api),
  accounts: accounts(api),
  keys: keys(api),
  backup: (file, options = {}) => backup(api, file, options),
  async info({ signal } = {}): Promise<ServerInfo> {
    return (await api.call<ServerInfo>({ method: 'GET', path: ['admin', 'info'], repeatable: 'always', signal })).value
  },
})

const accounts = (api: Api): Accounts => ({
  async list({ signal, ...query } = {}): Promise<AccountPage> {
    return (await api.call<AccountPage>({ method: 'GET', path: ['accounts'], query, repeatable: 'always', signal }))
      .value
  },
  async create(name, { displayName, signal } = {}): Promise<Account> {
    const path = ['accounts', name]
    return (await api.call<Account>({ method: 'PUT', path, body: { displayName }, repeatable: 'always', signal })).value
  },
  async delete(name, { signal } = {}): Promise<boolean> {
    const path = ['accounts', name]
    return (await api.call<Deleted>({ method: 'DELETE', path, repeatable: 'always', signal })).value.deleted
  },
})

const keys = (api: Api): Keys => ({
  async list(account, { signal } = {}): Promise<readonly Key[]> {
    const path = ['accounts', account, 'keys']
    return (await api.call<KeyList>({ method: 'GET', path, repeatable: 'always', signal })).value.keys
  },
  async create(account, key: CreateKeyRequest = {}, { signal } = {}): Promise<CreatedKey> {
    // Done twice, there would be a key whose secret nobody has seen.
    const path = ['accounts', account, 'keys']
    return (await api.call<CreatedKey>({ method: 'POST', path, body: key, repeatable: 'refused', signal })).value
  },
  async delete(account, keyId, { signal } = {}): Promise<boolean> {
    const path = ['accounts', account, 'keys', keyId]
    try {
      return (await api.call<Deleted>({ method: 'DELETE', path, repeatable: 'always', signal })).value.deleted
    } catch (error) {
      if (isMillraceError(error, 'KeyNotFound')) return false
      throw error
    }
  },
})

/** The answer is a line of JSON for each step; the last one says how it ended. */
const backup = async (api: Api, file: string, { onProgress, signal }: BackupOptions): Promise<BackedUp> => {
  const path = ['admin', 'backup']
  for await (const line of api.lines({ method: 'POST', path, body: { file }, repeatable: 'refused', signal })) {
    const progress = JSON.parse(line) as BackupProgress
    if (progress.state === 'running') onProgress?.({ done: progress.done, total: progress.total })
    else if (progress.state === 'completed') return { file: progress.file, sizeBytes: progress.sizeBytes }
    else throw new MillraceError(progress.code as ErrorCode, progress.detail)
  }
  throw new MillraceError('Network', 'The connection broke before the backup was complete.', {
    data: { answered: true },
  })
}
