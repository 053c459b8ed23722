import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { IdentityService, ShownKey } from '../../core/identity/create-identity.ts'
import type { Principal } from '../../core/identity/identity.ts'
import { digestOf } from '../../core/identity/token.ts'

export interface SessionOptions {
  readonly engine: Pick<QueueEngine, 'getDocument' | 'putDocument' | 'removeDocument'>
  readonly identity: Pick<IdentityService, 'shownKey' | 'byShownKey'>
  readonly clock: Clock
}

type StoredKey = Pick<ShownKey, 'id' | 'version'>

const collection = 'operator-session'
const lifetimeMs = 24 * 3_600_000

export const sessionCookie = 'millrace_session'

/**
 * A page of another origin can have a browser send this server's cookies, but no header of its own unless the server agrees,
 * which it does not. So the cookie counts only together with this header.
 */
const dashboardHeader = 'x-millrace-dashboard'

/**
 * Who has signed in to the dashboard. A browser holds a random token in a cookie that scripts cannot read; stored is its
 * digest, with what tells the key, so that one that is revoked, or gets another secret, takes its sessions with it.
 */
export class OperatorSessions {
  readonly #options: SessionOptions

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** Undefined: the key is unknown, or may neither manage queues nor administer the server. */
  async signIn(key: string): Promise<{ token: string; maxAgeSeconds: number } | undefined> {
    const { engine, identity, clock } = this.#options
    const shown = await identity.shownKey(key)
    if (!shown || !mayOperate(shown.principal)) return undefined
    const token = randomBytes(32).toString('base64url')
    const value: StoredKey = { id: shown.id, version: shown.version }
    await engine.putDocument({ collection, key: digestOf(token), value, expiresAt: clock.now() + lifetimeMs })
    return { token, maxAgeSeconds: lifetimeMs / 1000 }
  }

  async signOut(headers: IncomingHttpHeaders): Promise<void> {
    const token = tokenOf(headers)
    if (token !== undefined) await this.#options.engine.removeDocument(collection, digestOf(token))
  }

  /** Who sends a request with the cookie of a session; undefined when there is none, or it is over. */
  async principalOf(headers: IncomingHttpHeaders): Promise<Principal | undefined> {
    const token = tokenOf(headers)
    if (token === undefined) return undefined
    const document = await this.#options.engine.getDocument(collection, digestOf(token))
    if (!document) return undefined
    const principal = await this.#options.identity.byShownKey(document.value as StoredKey)
    return principal && mayOperate(principal) ? principal : undefined
  }
}

const mayOperate = ({ grants }: Principal): boolean =>
  grants.some(({ scope }) => scope === 'manage' || scope === 'admin')

const tokenOf = ({ cookie, [dashboardHeader]: header }: IncomingHttpHeaders): string | undefined => {
  if (cookie === undefined || header === undefined) return undefined
  for (const pair of cookie.split(';')) {
    const [name, value] = pair.split('=', 2)
    if (name?.trim() === sessionCookie && value) return value.trim()
  }
  return undefined
}
