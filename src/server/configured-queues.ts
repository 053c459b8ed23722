import type { QueueEngine } from '../core/engine-api.ts'
import type { IdentityService } from '../core/identity/create-identity.ts'
import { digestOf } from '../core/identity/token.ts'
import type { QueueSettingsPatch } from '../core/queue.ts'
import { defaultSettings } from '../core/settings.ts'
import { accountOf } from './config/rules.ts'
import type { Config, ConfigQueue } from './config/schema.ts'
import { whyNoStart } from './start-error.ts'

/** Remembers what the file said of a queue at the last start, to tell a changed file from a queue changed meanwhile. */
const collection = 'configured-queue'

/**
 * Creates the queues that the configuration names. One that is there is changed only if its entry in the file has
 * changed, so that what was set through an API outlives a restart.
 */
export const applyConfiguredQueues = async (
  engine: QueueEngine,
  identity: IdentityService,
  config: Config,
): Promise<void> => {
  for (const [index, queue] of config.queues.entries()) {
    try {
      const account = accountOf(queue, config)
      await identity.putAccount({ name: account })
      await applyQueue(engine, queue, account)
    } catch (error) {
      throw whyNoStart(error, `queues[${index}]`)
    }
  }
}

const applyQueue = async (engine: QueueEngine, { name, settings, groups }: ConfigQueue, account: string) => {
  const queue = { account, queue: name }
  const key = `${account}\n${name}`
  const before = (await engine.getDocument(collection, key))?.value as QueueSettingsPatch | undefined
  const wanted = settings as QueueSettingsPatch
  const said = withoutSecrets(wanted)
  const { created } = await engine.createQueue({ ...queue, settings: wanted })
  if (!created && JSON.stringify(before) !== JSON.stringify(said)) {
    await engine.updateQueue({ ...queue, settings: { ...withdrawn(before ?? {}, wanted), ...wanted } })
  }
  if (JSON.stringify(before) !== JSON.stringify(said)) {
    await engine.putDocument({ collection, key, value: said, expiresAt: null })
  }
  for (const group of groups) await engine.createGroup({ ...queue, group })
}

/** Of the secrets in the file only so much is remembered that a change of them is seen. */
const withoutSecrets = (settings: QueueSettingsPatch): QueueSettingsPatch => {
  const { push } = settings
  if (!push) return settings
  const { headers = {}, signingSecrets = [] } = push
  const digests = {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, digestOf(value)])),
    signingSecrets: signingSecrets.map(digestOf),
  }
  return { ...settings, push: { ...push, ...digests } }
}

/** What the file set before and sets no more gets its default again. */
const withdrawn = (before: QueueSettingsPatch, now: QueueSettingsPatch): QueueSettingsPatch =>
  Object.fromEntries(
    Object.entries(defaultSettings).filter(([name]) => Object.hasOwn(before, name) && !Object.hasOwn(now, name)),
  )
