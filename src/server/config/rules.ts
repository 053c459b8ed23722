import { daysIn } from '../../core/days.ts'
import { Refusal } from '../../core/errors.ts'
import { grantsOf } from '../../core/identity/identity.ts'
import { accountNameFault, clientKeyFault, keyIdFault, passwordFault, secretFault } from '../../core/identity/model.ts'
import type { QueueSettingsPatch } from '../../core/queue.ts'
import { applySettings, defaultSettings } from '../../core/settings.ts'
import { parseNetwork } from '../../push/index.ts'
import type { Config, ConfigAccount, ConfigAccountKey, ConfigQueue } from './schema.ts'

/** What a schema cannot say: rules between members, each problem as a sentence that begins with a path. */
export const checkRules = (config: Config): string[] => [
  ...(config.tls.cert && !config.tls.key ? ['tls.key is missing: tls.cert needs it'] : []),
  ...(config.tls.key && !config.tls.cert ? ['tls.cert is missing: tls.key needs it'] : []),
  ...(config.limits.idleTimeoutMs <= config.limits.maxWaitMs
    ? ['limits.idleTimeoutMs must be more than limits.maxWaitMs, or waiting receives are cut off']
    : []),
  ...(config.timeZone !== undefined && !isTimeZone(config.timeZone)
    ? ['timeZone must be the name of a time zone, such as Europe/Berlin or UTC']
    : []),
  ...(config.push.mailServer && !config.push.mailFrom ? ['push.mailFrom is missing: push.mailServer needs it'] : []),
  ...(config.push.mailFrom && !config.push.mailServer ? ['push.mailServer is missing: push.mailFrom needs it'] : []),
  ...config.push.allowedTargets.flatMap((network, index) =>
    parseNetwork(network) ? [] : [`push.allowedTargets[${index}] must be a network such as 10.1.0.0/16, or an address`],
  ),
  ...config.accounts.flatMap((account, index) => checkAccount(account, `accounts[${index}]`)),
  ...twice(config.accounts, ({ name }) => name).map((index) => `accounts[${index}].name is there twice`),
  ...twiceAsKey(config.accounts),
  ...twiceAsClientKey(config.accounts),
  ...config.queues.flatMap((queue, index) => checkQueue(queue, `queues[${index}]`, config)),
  ...twice(config.queues, (queue) => `${accountOf(queue, config)}\n${queue.name}`).map(
    (index) => `queues[${index}].name is there twice`,
  ),
]

const isTimeZone = (name: string): boolean => {
  try {
    daysIn(name)
    return true
  } catch {
    return false
  }
}

/** The account that a queue belongs to. */
export const accountOf = (queue: ConfigQueue, config: Config): string =>
  queue.account ?? config.accounts[0]?.name ?? 'default'

const checkAccount = (account: ConfigAccount, path: string): string[] => {
  const fault = accountNameFault(account.name)
  return [
    ...(fault ? [`${path}.name ${fault}`] : []),
    ...checkPassword(account, path),
    ...account.keys.flatMap((key, index) => checkKey(key, `${path}.keys[${index}]`)),
  ]
}

const checkPassword = ({ password, passwordFile }: ConfigAccount, path: string): string[] => {
  const fault = password === undefined ? undefined : passwordFault(password)
  return [
    ...(fault ? [`${path}.password ${fault}`] : []),
    ...(password !== undefined && passwordFile !== undefined
      ? [`${path} must have either password or passwordFile`]
      : []),
  ]
}

const checkKey = (key: ConfigAccountKey, path: string): string[] => {
  const idFault = keyIdFault(key.id)
  const fault = key.secret === undefined ? undefined : secretFault(key.secret)
  return [
    ...(idFault ? [`${path}.id ${idFault}`] : []),
    ...(fault ? [`${path}.secret ${fault}`] : []),
    ...((key.secret === undefined) === (key.secretFile === undefined)
      ? [`${path} must have either secret or secretFile`]
      : []),
    ...checkClientKey(key, path),
    ...(key.expiresAt !== undefined && Number.isNaN(Date.parse(key.expiresAt))
      ? [`${path}.expiresAt is not a date that exists`]
      : []),
  ]
}

const checkClientKey = ({ client, scopes, secret }: ConfigAccountKey, path: string): string[] => {
  if (!client) return []
  const fault = clientKeyFault({
    grants: grantsOf(scopes, ['*']),
    text: secret,
    authorizedDomains: client.authorizedDomains,
  })
  if (!fault || (fault.part === 'key' && secretFault(secret ?? '') !== undefined)) return []
  const member = { scopes: 'scopes', key: 'secret', authorizedDomains: 'client.authorizedDomains' }[fault.part]
  return [`${path}.${member} ${fault.reason}`]
}

const checkQueue = (queue: ConfigQueue, path: string, config: Config): string[] => {
  const settings = queue.settings as QueueSettingsPatch
  return [
    ...(queue.account === undefined && config.accounts.length > 1
      ? [`${path}.account is missing: with several accounts, say which of them owns the queue`]
      : []),
    ...(queue.groups.length > 0 && !settings.consumerGroups
      ? [`${path}.groups needs settings.consumerGroups to be true`]
      : []),
    ...checkSettings(settings, queue.name, path),
  ]
}

const checkSettings = (settings: QueueSettingsPatch, name: string, path: string): string[] => {
  try {
    applySettings(defaultSettings, settings, name)
    return []
  } catch (error) {
    if (error instanceof Refusal) return [`${path}.settings.${error.message.replace(/\.$/, '')}`]
    throw error
  }
}

const twiceAsKey = (accounts: readonly ConfigAccount[]): string[] => {
  const places = accounts.flatMap(({ keys }, account) =>
    keys.map(({ id }, key) => ({ id, path: `accounts[${account}].keys[${key}]` })),
  )
  return twice(places, ({ id }) => id).map((index) => `${places[index]?.path}.id is there twice`)
}

const twiceAsClientKey = (accounts: readonly ConfigAccount[]): string[] => {
  const places = accounts.flatMap(({ keys }, account) =>
    keys.flatMap(({ client, secret }, key) =>
      client && secret !== undefined ? [{ secret, path: `accounts[${account}].keys[${key}]` }] : [],
    ),
  )
  return twice(places, ({ secret }) => secret).map(
    (index) => `${places[index]?.path}.secret is that of another client key`,
  )
}

/** Where something stands that stood before. */
const twice = <Item>(items: readonly Item[], nameOf: (item: Item) => string): number[] => {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const name = nameOf(item)
    if (seen.has(name)) return [index]
    seen.add(name)
    return []
  })
}
