import type { Clock } from '../core/clock.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { Identity } from '../core/identity/identity.ts'
import type { SecretBox } from '../core/secrets.ts'
import type { Store } from '../core/store.ts'
import type { AddressPolicy, Dispatcher, MailServer, PushForms, PushObserver } from '../push/index.ts'
import { openCaller, startDispatcher } from '../push/index.ts'
import type { Config } from './config/schema.ts'

export interface PushOptions {
  readonly engine: QueueEngine
  readonly identity: Identity
  readonly store: Store
  readonly clock: Clock
  readonly secrets: SecretBox
  readonly observer: PushObserver
  readonly config: Config['push']
  /** Ways in which messages become requests that doors bring, by the names that targets choose them by. */
  readonly forms?: PushForms
}

/** Calls services for messages, from now on. */
export const startPush = ({
  engine,
  identity,
  store,
  clock,
  secrets,
  observer,
  config,
  forms,
}: PushOptions): Dispatcher => {
  const addresses = () => addressPolicy(config, identity.open)
  return startDispatcher({
    engine,
    clock,
    random: Math.random,
    secrets,
    observer,
    ...(forms ? { forms } : {}),
    caller: () => openCaller({ addresses, mail: mailServerOf(config) }),
    ...(store.shared ? { lookEveryMs } : {}),
  })
}

/** Through whom mails are sent; undefined: nobody sends any. */
export const mailServerOf = ({ mailServer: url, mailFrom: from }: Config['push']): MailServer | undefined =>
  url !== undefined && from !== undefined ? { url, from } : undefined

/** Other nodes' changes are seen so soon. */
const lookEveryMs = 2_000

/** An open server, which only this machine can reach, may call what runs beside it, as one does while developing. */
const addressPolicy = ({ allowPrivateTargets, allowedTargets }: Config['push'], open: boolean): AddressPolicy => ({
  all: allowPrivateTargets ?? false,
  loopback: open && allowPrivateTargets === undefined,
  networks: allowedTargets,
})
