import { type ConfiguredAccount, type ConfiguredKey, secretFault } from '../core/identity/model.ts'
import { readText } from './config/load.ts'
import type { Config, ConfigAccountKey } from './config/schema.ts'
import { StartError } from './start-error.ts'

/** The accounts of the configuration as the identity model takes them; secrets in files are read. */
export const configuredAccounts = ({ accounts }: Config): ConfiguredAccount[] =>
  accounts.map(({ name, displayName, keys }, account) => ({
    name,
    ...(displayName !== undefined && { displayName }),
    keys: keys.map((key, index) => configuredKey(key, `accounts[${account}].keys[${index}]`)),
  }))

const configuredKey = (key: ConfigAccountKey, place: string): ConfiguredKey => ({
  id: key.id,
  secret: key.secret ?? secretIn(key.secretFile ?? '', `${place}.secretFile`),
  ...(key.name !== undefined && { name: key.name }),
  grants: key.scopes.flatMap((scope) => key.queues.map((queues) => ({ scope, queues }))),
  expiresAt: key.expiresAt === undefined ? null : Date.parse(key.expiresAt),
})

const secretIn = (path: string, place: string): string => {
  const secret = readText(path, place).trim()
  const fault = secretFault(secret)
  if (fault) throw new StartError(`${place}: what is in ${path} ${fault}`)
  return secret
}
