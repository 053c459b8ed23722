import type { Clock } from '../clock.ts'
import type { Documents } from '../engine-api.ts'
import { Refusal } from '../errors.ts'
import type { Accounts } from './accounts.ts'
import { ClientKeys } from './client-keys.ts'
import type { ClientTerms } from './client-terms.ts'
import { allDocuments, always, type IdentityEngine, type MayRemove } from './documents.ts'
import { FreshCache } from './fresh-cache.ts'
import type { ClientAccess, Grant, Principal } from './identity.ts'
import { KeyUse } from './key-use.ts'
import {
  accountKey,
  type ConfiguredKey,
  clientKeyFault,
  collections,
  type IssuedKey,
  type Key,
  type KeyRecord,
  keptAfterExpiryMs,
  keyIdFault,
  type NewClientKey,
  type NewKey,
} from './model.ts'
import { seal, unseal } from './sealing.ts'
import {
  digestOf,
  formatToken,
  hasDigest,
  isKeyToken,
  newKeyId,
  newSecret,
  parseToken,
  type RandomBytes,
} from './token.ts'

export interface KeysOptions {
  readonly engine: IdentityEngine
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly serverKey: Uint8Array
}

/** A key ready for use. */
interface CachedKey extends ClientAccess {
  readonly record: KeyRecord
  readonly principal: Principal
  readonly digest: Uint8Array
  /** Tells its secret from another one that a key of the same id had or gets. */
  readonly version: string
}

const recordOf = (documents: Documents, id: string): KeyRecord | undefined =>
  documents.get(collections.keys, id)?.value as KeyRecord | undefined

const nobodysSecret = 'the secret of a key that does not exist'

/** Keys: made, checked, listed, revoked. */
export class Keys {
  readonly #options: KeysOptions
  readonly #accounts: Accounts
  readonly #cache: FreshCache<CachedKey>
  readonly #clients: ClientKeys
  readonly uses: KeyUse

  constructor(options: KeysOptions, accounts: Accounts) {
    this.#options = options
    this.#accounts = accounts
    this.#cache = new FreshCache((keyId) => this.#load(keyId))
    this.#clients = new ClientKeys(options.engine)
    this.uses = new KeyUse(options.engine, options.clock)
  }

  /** The key that a token belongs to. Synchronous while the key is in the cache. */
  byToken(token: string): CachedKey | undefined | Promise<CachedKey | undefined> {
    const parts = parseToken(token)
    if (!parts) return undefined
    const found = this.#find(parts.keyId)
    const checked = (key: CachedKey | undefined) => (key?.client ? undefined : this.#checked(key, parts.secret))
    return found instanceof Promise ? found.then(checked) : checked(found)
  }

  /** The client key with this text, or the key whose token it is. Synchronous while both are in their caches. */
  byClientKey(text: string): CachedKey | undefined | Promise<CachedKey | undefined> {
    if (isKeyToken(text)) return this.byToken(text)
    const now = this.#options.clock.now()
    const found = this.#clients.idOf(text, now)
    if (found instanceof Promise) return found.then((known) => this.#byClientKeyId(known?.id, text))
    return this.#byClientKeyId(found?.id, text)
  }

  #byClientKeyId(id: string | undefined, text: string): CachedKey | undefined | Promise<CachedKey | undefined> {
    if (id === undefined) return undefined
    const found = this.#find(id)
    const checked = (key: CachedKey | undefined) => (key?.client ? this.#checked(key, text) : undefined)
    return found instanceof Promise ? found.then(checked) : checked(found)
  }

  /** Who has the key with this id, as long as it is there with the secret that it had. Synchronous while it is in the cache. */
  principalOf(keyId: string, version: string): Principal | undefined | Promise<Principal | undefined> {
    const found = this.#find(keyId)
    const checked = (key: CachedKey | undefined) => {
      if (key?.version !== version || key.client || this.#hasExpired(key)) return undefined
      this.uses.note(keyId, this.#options.clock.now())
      return key.principal
    }
    return found instanceof Promise ? found.then(checked) : checked(found)
  }

  /** The key that something was signed with, for schemes whose signatures need the secret itself. */
  async bySignature(keyId: string, isSignedWith: (secret: string) => boolean): Promise<CachedKey | undefined> {
    const key = await this.#find(keyId)
    const isUsable = key && !key.client && !this.#hasExpired(key)
    const secret = isUsable ? unseal(key.record.sealed, keyId, this.#options.serverKey) : undefined
    // Whether there is such a key is not to be seen by how long the answer takes.
    const isSigned = isSignedWith(secret ?? nobodysSecret)
    if (secret === undefined || !isSigned) return undefined
    this.uses.note(keyId, this.#options.clock.now())
    return key
  }

  /** Whether a token was good once. */
  async hasExpired(token: string): Promise<boolean> {
    const parts = parseToken(token)
    const key = parts && (await this.#find(parts.keyId))
    return key !== undefined && !key.client && hasDigest(parts?.secret ?? '', key.digest) && this.#hasExpired(key)
  }

  async get(keyId: string): Promise<KeyRecord | undefined> {
    const document = await this.#options.engine.getDocument(collections.keys, keyId)
    return document?.value as KeyRecord | undefined
  }

  async list(account: string): Promise<Key[]> {
    const ids = await this.#idsOf(account)
    const records = await Promise.all(ids.map((id) => this.get(id)))
    return Promise.all(records.filter((record) => record !== undefined).map((record) => this.#view(record)))
  }

  /** From now on its account closes the server. Undefined: there is no such account. */
  async create({
    account,
    name = '',
    grants,
    expiresAt = null,
    client: given,
  }: NewKey): Promise<IssuedKey | undefined> {
    const { clock, randomBytes } = this.#options
    const createdAt = clock.now()
    if (expiresAt !== null && expiresAt <= createdAt) {
      throw new Refusal('ArgumentInvalid', { argument: 'expiresAt', reason: 'must lie in the future' })
    }
    const client = given === undefined ? null : this.#terms(given, grants)
    const secret = given?.key ?? newSecret(randomBytes)
    const id = newKeyId(randomBytes)
    const record = this.#record({ id, account, name, grants, createdAt, expiresAt, configured: false, client }, secret)
    const outcome = await this.#write(record)
    if (outcome === 'no-account') return undefined
    if (outcome === 'taken') {
      throw new Refusal('ArgumentInvalid', { argument: 'client.key', reason: 'is that of another key' })
    }
    return { key: await this.#view(record), secret, token: client ? secret : formatToken(id, secret) }
  }

  #terms({ key, enforceSession = false, authorizedDomains = [] }: NewClientKey, grants: readonly Grant[]): ClientTerms {
    const fault = clientKeyFault({ grants, text: key, authorizedDomains })
    if (fault) {
      const argument = fault.part === 'scopes' ? fault.part : `client.${fault.part}`
      throw new Refusal('ArgumentInvalid', { argument, reason: fault.reason })
    }
    return { enforceSession, authorizedDomains }
  }

  /** Puts a key of the configuration file in place; nothing is written when it stands there as it is. */
  async configure(account: string, configured: ConfiguredKey): Promise<void> {
    const { id, secret, name = '', grants, expiresAt = null, client = null } = configured
    const before = await this.get(id)
    const createdAt = before?.createdAt ?? this.#options.clock.now()
    const key = { id, account, name, grants, createdAt, expiresAt, configured: true, client }
    const isSame =
      before !== undefined &&
      before.digest === digestOf(secret) &&
      unseal(before.sealed, id, this.#options.serverKey) === secret &&
      JSON.stringify({ ...before, digest: '', sealed: '' }) === JSON.stringify({ ...key, digest: '', sealed: '' })
    if (isSame) return
    const outcome = await this.#write(this.#record(key, secret))
    if (outcome === 'written') return
    const reason =
      outcome === 'taken' ? 'has the client key of another key' : `is for account '${account}', which was just removed`
    throw new Refusal('ArgumentInvalid', { argument: `key '${id}'`, reason })
  }

  /** Resolves when nobody can use it any more. */
  async remove({ id, account }: Pick<Key, 'id' | 'account'>, mayRemove = always): Promise<void> {
    this.#cache.forget(id)
    const removed = await this.#options.engine.changeDocuments((documents) => {
      // The configuration may have given the id to another account meanwhile.
      const isIts = recordOf(documents, id)?.account === account
      if (!isIts || !mayRemove(documents)) return undefined
      this.uses.remove(documents, id)
      return this.#take(documents, id)
    })
    this.#cache.forget(id)
    if (removed?.client) this.#clients.forget(removed)
    this.uses.forget(id)
  }

  /** All of an account, when the account goes. */
  async removeAll(account: string, mayRemove: MayRemove): Promise<void> {
    for (const id of await this.#idsOf(account)) await this.remove({ id, account }, mayRemove)
  }

  /** Removes the key with this id from where it is and where it is found. */
  #take(documents: Documents, id: string): KeyRecord | undefined {
    const record = recordOf(documents, id)
    if (record?.client) this.#clients.remove(documents, record)
    if (record) documents.remove(collections.accountKeys, accountKey(record.account, id))
    documents.remove(collections.keys, id)
    return record
  }

  /** What can be no key's id is neither looked for nor remembered, however long it is. */
  #find(keyId: string): CachedKey | undefined | Promise<CachedKey | undefined> {
    return keyIdFault(keyId) === undefined ? this.#cache.get(keyId, this.#options.clock.now()) : undefined
  }

  #checked(key: CachedKey | undefined, secret: string): CachedKey | undefined {
    if (!key || !hasDigest(secret, key.digest) || this.#hasExpired(key)) return undefined
    this.uses.note(key.record.id, this.#options.clock.now())
    return key
  }

  #hasExpired({ record: { expiresAt } }: CachedKey): boolean {
    return expiresAt !== null && expiresAt <= this.#options.clock.now()
  }

  async #load(keyId: string): Promise<CachedKey | undefined> {
    const record = await this.get(keyId)
    if (!record) return undefined
    const { account, id, grants, client = null } = record
    return {
      record,
      principal: { account, keyId: id, grants },
      client,
      digest: Buffer.from(record.digest, 'hex'),
      version: record.digest.slice(0, 16),
    }
  }

  #record(key: Omit<Key, 'lastUsedAt'>, secret: string): KeyRecord {
    const { serverKey, randomBytes } = this.#options
    return { ...key, digest: digestOf(secret), sealed: seal(secret, key.id, serverKey, randomBytes) }
  }

  /** In the place of the key that has this id already. `taken`: the text of this client key is that of another key. */
  async #write(record: KeyRecord): Promise<'written' | 'taken' | 'no-account'> {
    const { id, account } = record
    const expiresAt = record.expiresAt === null ? null : record.expiresAt + keptAfterExpiryMs
    const written = await this.#options.engine.changeDocuments((documents) => {
      if (record.client && this.#clients.isTaken(documents, record)) return 'taken'
      if (!this.#accounts.hold(documents, account)) return 'no-account'
      const before = this.#take(documents, id)
      documents.put({ collection: collections.accountKeys, key: accountKey(account, id), value: id, expiresAt })
      if (record.client) this.#clients.put(documents, record, expiresAt)
      documents.put({ collection: collections.keys, key: id, value: record, expiresAt })
      this.#accounts.close(documents, account, id)
      if (before?.account === account) this.uses.keepUntil(documents, id, expiresAt)
      else this.uses.remove(documents, id)
      return { before }
    })
    if (typeof written === 'string') return written
    this.#cache.forget(id)
    if (written.before?.account !== account) this.uses.forget(id)
    if (written.before?.client) this.#clients.forget(written.before)
    if (record.client) this.#clients.forget(record)
    return 'written'
  }

  async #view({ digest: _digest, sealed: _sealed, ...key }: KeyRecord): Promise<Key> {
    return { ...key, client: key.client ?? null, lastUsedAt: await this.uses.lastUse(key.id) }
  }

  async #idsOf(account: string): Promise<string[]> {
    const query = { collection: collections.accountKeys, prefix: accountKey(account, '') }
    const ids: string[] = []
    for await (const document of allDocuments(this.#options.engine, query)) ids.push(document.value as string)
    return ids
  }
}
