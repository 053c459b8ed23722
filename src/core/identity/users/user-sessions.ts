import type { Clock, Millis } from '../../clock.ts'
import type { Documents } from '../../engine-api.ts'
import { allDocuments, always, type IdentityEngine, type MayRemove } from '../documents.ts'
import { FreshCache } from '../fresh-cache.ts'
import { TextSigner } from '../signed-text.ts'
import { newKeyId, type RandomBytes } from '../token.ts'
import type { UserSession } from './user.ts'

export interface UserSessionsOptions {
  readonly engine: IdentityEngine
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly serverKey: Uint8Array
  /** How long a session lasts; default: until it is ended. */
  readonly userSessionLifetimeMs?: number
}

/** How a session is stored, under its id. */
type SessionRecord = Omit<UserSession, 'token'>

/** `sessionsOfUsers` lists the sessions of a user: account, user and session, each after a line break. */
const collections = { sessions: 'app-session', sessionsOfUsers: 'app-user-session' } as const

/** More would be of nobody's use; the oldest ends. */
const mostSessions = 1000

/** Sessions of users: any number a user, until each is ended. They survive restarts. */
export class UserSessions {
  readonly #options: UserSessionsOptions
  /** A token is the id of its session, signed: nothing of the secret part is stored, and yet it can be shown to its user again. */
  readonly #tokens: TextSigner
  readonly #cache: FreshCache<SessionRecord>

  constructor(options: UserSessionsOptions) {
    this.#options = options
    this.#tokens = new TextSigner(options.serverKey, { prefix: 'mru_', purpose: 'millrace user session tokens' })
    this.#cache = new FreshCache((id) => this.#load(id))
  }

  /** One to be put in place: `makeRoom`, then `put`. */
  make(session: Omit<UserSession, 'token'>): UserSession {
    return { ...session, token: this.#tokens.sign(newKeyId(this.#options.randomBytes)) }
  }

  /** In a transaction that holds its user, or it could stay behind. */
  put(documents: Documents, { token, ...value }: UserSession): void {
    const { userSessionLifetimeMs } = this.#options
    const { account, userId, createdAt } = value
    const id = this.#tokens.read(token) ?? ''
    const expiresAt = userSessionLifetimeMs === undefined ? null : createdAt + userSessionLifetimeMs
    const key = userKey(account, userId, id)
    documents.put({ collection: collections.sessionsOfUsers, key, value: createdAt, expiresAt })
    documents.put({ collection: collections.sessions, key: id, value, expiresAt })
  }

  async makeRoom({ account, userId }: UserSession): Promise<void> {
    const all = await this.#idsOf(account, userId)
    for (const { id } of all.slice(0, Math.max(0, all.length + 1 - mostSessions))) await this.#end(account, userId, id)
  }

  /** The session of a token, if it is one of the account that has not ended. Synchronous while it is in the cache. */
  byToken(account: string, token: string): UserSession | undefined | Promise<UserSession | undefined> {
    const { clock, userSessionLifetimeMs } = this.#options
    const id = this.#tokens.read(token)
    if (id === undefined) return undefined
    const now = clock.now()
    const found = this.#cache.get(id, now)
    const checked = (record: SessionRecord | undefined): UserSession | undefined => {
      if (record?.account !== account) return undefined
      const hasEnded = userSessionLifetimeMs !== undefined && now >= record.createdAt + userSessionLifetimeMs
      return hasEnded ? undefined : { ...record, token }
    }
    return found instanceof Promise ? found.then(checked) : checked(found)
  }

  /** Of a user, the oldest first. */
  async list(account: string, userId: string): Promise<UserSession[]> {
    const ids = (await this.#idsOf(account, userId)).map(({ id }) => id)
    const records = await Promise.all(ids.map((id) => this.#load(id)))
    return records.flatMap((record, index) =>
      record ? [{ ...record, token: this.#tokens.sign(ids[index] ?? '') }] : [],
    )
  }

  /** Resolves when nobody can use it any more. */
  async end({ account, userId, token }: UserSession): Promise<void> {
    const id = this.#tokens.read(token)
    if (id !== undefined) await this.#end(account, userId, id)
  }

  /** All sessions of a user, but for one if it is given. */
  async endAll(account: string, userId: string, except?: UserSession): Promise<void> {
    const kept = except && this.#tokens.read(except.token)
    for (const { id } of await this.#idsOf(account, userId)) if (id !== kept) await this.#end(account, userId, id)
  }

  /** Those of all users of an account, when the account goes. */
  async removeAll(account: string, mayRemove: MayRemove): Promise<void> {
    const { sessionsOfUsers: collection } = collections
    for await (const { key } of allDocuments(this.#options.engine, { collection, prefix: `${account}\n` })) {
      const [, userId = '', id = ''] = key.split('\n')
      await this.#end(account, userId, id, mayRemove)
    }
  }

  async #end(account: string, userId: string, id: string, mayRemove = always): Promise<void> {
    this.#cache.forget(id)
    await this.#options.engine.changeDocuments((documents) => {
      if (!mayRemove(documents)) return
      documents.remove(collections.sessions, id)
      documents.remove(collections.sessionsOfUsers, userKey(account, userId, id))
    })
    this.#cache.forget(id)
  }

  async #load(id: string): Promise<SessionRecord | undefined> {
    const document = await this.#options.engine.getDocument(collections.sessions, id)
    return document?.value as SessionRecord | undefined
  }

  async #idsOf(account: string, userId: string): Promise<{ id: string; createdAt: Millis }[]> {
    const prefix = userKey(account, userId, '')
    const found: { id: string; createdAt: Millis }[] = []
    for await (const { key, value } of allDocuments(this.#options.engine, {
      collection: collections.sessionsOfUsers,
      prefix,
    })) {
      found.push({ id: key.slice(prefix.length), createdAt: value as Millis })
    }
    return found.sort((a, b) => a.createdAt - b.createdAt)
  }
}

const userKey = (account: string, userId: string, sessionId: string): string => `${account}\n${userId}\n${sessionId}`
