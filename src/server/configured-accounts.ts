import { grantsOf } from '../core/identity/identity.ts'
import { type ConfiguredAccount, type ConfiguredKey, passwordFault, secretFault } from '../core/identity/model.ts'
import { readText } from './config/load.ts'
import type { Config, ConfigAccountKey } from './config/schema.ts'
import { StartError } from './start-error.ts'

/** The accounts of the configuration as the identity model takes them; secrets in files are read. */
export const configuredAccounts = ({ accounts }: Config): ConfiguredAccount[] =>
  accounts.map(({ name, displayName, password, passwordFile, keys }, account) => ({
    name,
    ...(displayName !== undefined && { displayName }),
    ...(password !== undefined && { password }),
    ...(passwordFile !== undefined && {
      password: readSecret(passwordFile, `accounts[${account}].passwordFile`, passwordFault),
    }),
    keys: keys.map((key, index) => configuredKey(key, `accounts[${account}].keys[${index}]`)),
  }))

const configuredKey = (key: ConfigAccountKey, place: string): ConfiguredKey => ({
  id: key.id,
  secret: key.secret ?? readSecret(key.secretFile ?? '', `${place}.secretFile`, secretFault),
  ...(key.name !== undefined && { name: key.name }),
  grants: grantsOf(key.scopes, key.queues),
  expiresAt: key.expiresAt === undefined ? null : Date.parse(key.expiresAt),
  ...(key.client && { client: key.client }),
})

const readSecret = (path: string, place: string, faultOf: (secret: string) => string | undefined): string => {
  const secret = readText(path, place).trim()
  const fault = faultOf(secret)
  if (fault) throw new StartError(`${place}: what is in ${path} ${fault}`)
  return secret
}
