import type { Millis } from '../../clock.ts'
import type { Documents } from '../../engine-api.ts'
import { hex48 } from '../../hex.ts'
import { allDocuments, held, type MayRemove } from '../documents.ts'
import type { PasswordHashing } from '../password-hashing.ts'
import { isEmail, type NewUser, type User, type UserSession } from './user.ts'
import { UserSessions, type UserSessionsOptions } from './user-sessions.ts'

/** A user who has just come in, with the session that this began. */
export interface SignedIn {
  readonly user: User
  readonly session: UserSession
}

/**
 * `taken`: the account has a user with this e-mail address. `no-account`: it has just been removed. `too-many`: too many passwords are being
 * checked, or were guessed.
 */
export type Refused<Reason extends string> = { readonly refused: Reason }

export type Client = UserSession['client']

/** How a user is stored, under account and address. */
interface UserRecord extends Omit<User, 'lastLoginAt'> {
  readonly hash: string
}

/** `addresses`: account and user id to the address. `logins`: apart, so that noting one never brings an old password back. */
const collections = { users: 'app-user', addresses: 'app-user-address', logins: 'app-user-login' } as const

/** Users of the apps whose accounts these are, and their sessions. */
export class Users {
  readonly #options: UserSessionsOptions
  readonly #hashing: PasswordHashing
  readonly #holdAccount: (documents: Documents, account: string) => boolean
  readonly sessions: UserSessions

  /** `holdAccount`: whether there is such an account, which stays until the transaction is over. */
  constructor(
    options: UserSessionsOptions,
    hashing: PasswordHashing,
    holdAccount: (documents: Documents, account: string) => boolean,
  ) {
    this.#options = options
    this.#hashing = hashing
    this.#holdAccount = holdAccount
    this.sessions = new UserSessions(options)
  }

  /** What is given has been checked with `newUserFaults`. */
  async signUp(
    account: string,
    { email, password, name, data = {} }: NewUser,
    client: Client,
  ): Promise<SignedIn | Refused<'taken' | 'no-account' | 'too-many'>> {
    const { engine, clock, randomBytes } = this.#options
    if (await this.#byEmail(account, email)) return { refused: 'taken' }
    const hash = await this.#hashing.hash(password)
    if (hash === undefined) return { refused: 'too-many' }
    const signedUpAt = clock.now()
    const id = hex48(signedUpAt) + Buffer.from(randomBytes(6)).toString('hex')
    const record: UserRecord = { id, account, email, name: name ?? null, signedUpAt, data, hash }
    const address = normal(email)
    const session = this.sessions.make({ account, userId: id, createdAt: signedUpAt, client })
    const refused = await engine.changeDocuments((documents) => {
      if (documents.get(collections.users, userKey(account, address))) return 'taken'
      if (!this.#holdAccount(documents, account)) return 'no-account'
      documents.put({ collection: collections.addresses, key: userKey(account, id), value: address, expiresAt: null })
      documents.put({ collection: collections.users, key: userKey(account, address), value: record, expiresAt: null })
      this.#begin(documents, session)
      return undefined
    })
    return refused ? { refused } : { user: view(record, signedUpAt), session }
  }

  async signIn(
    account: string,
    { email, password }: { email: string; password: string },
    client: Client,
  ): Promise<SignedIn | Refused<'wrong' | 'too-many'>> {
    let record: UserRecord | undefined
    const checked = await this.#hashing.check(userKey(account, normal(email)), password, async () => {
      record = isEmail(email) ? await this.#byEmail(account, email) : undefined
      return record?.hash
    })
    if (checked !== 'right' || !record) return { refused: checked === 'too-many' ? checked : 'wrong' }
    const known = record
    const session = this.sessions.make({ account, userId: known.id, createdAt: this.#options.clock.now(), client })
    // Before it begins: whoever is told that nothing was done has no session either.
    await this.sessions.makeRoom(session)
    const hasBegun = await this.#options.engine.changeDocuments((documents) => {
      const current = held(documents, collections.users, userKey(account, normal(known.email)))?.value as
        | UserRecord
        | undefined
      // Meanwhile the user may have gone with the account, or the password by a change of it.
      if (current?.id !== known.id || current.hash !== known.hash) return false
      this.#begin(documents, session)
      return true
    })
    if (!hasBegun) return { refused: 'wrong' }
    return { user: view(known, session.createdAt), session }
  }

  async get(account: string, id: string): Promise<User | undefined> {
    const record = await this.#byId(account, id)
    if (!record) return undefined
    const login = await this.#options.engine.getDocument(collections.logins, userKey(account, id))
    return view(record, (login?.value as Millis | undefined) ?? record.signedUpAt)
  }

  /** The new password has been checked with `userPasswordFault`. Sessions go on. */
  async changePassword(
    account: string,
    id: string,
    { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
  ): Promise<'changed' | 'wrong' | 'too-many'> {
    const record = await this.#byId(account, id)
    if (!record) return 'wrong'
    const checked = await this.#hashing.check(userKey(account, normal(record.email)), oldPassword, () => record.hash)
    if (checked !== 'right') return checked
    const hash = await this.#hashing.hash(newPassword)
    if (hash === undefined) return 'too-many'
    return this.#options.engine.changeDocuments((documents) => {
      const place = userKey(account, normal(record.email))
      const document = documents.get(collections.users, place)
      const current = document?.value as UserRecord | undefined
      // Meanwhile the user may have gone with the account, or the old password by another change.
      if (!document || current?.id !== id || current.hash !== record.hash) return 'wrong'
      documents.put({ ...document, value: { ...current, hash } })
      return 'changed'
    })
  }

  /** All users of an account with their sessions, when the account goes. The users go first: without one no session begins. */
  async removeAll(account: string, mayRemove: MayRemove): Promise<void> {
    const { engine } = this.#options
    for (const collection of Object.values(collections)) {
      for await (const { key } of allDocuments(engine, { collection, prefix: userKey(account, '') })) {
        await engine.changeDocuments((documents) => {
          if (mayRemove(documents)) documents.remove(collection, key)
        })
      }
    }
    await this.sessions.removeAll(account, mayRemove)
  }

  /** In a transaction that holds the user. */
  #begin(documents: Documents, session: UserSession): void {
    const { account, userId, createdAt } = session
    const key = userKey(account, userId)
    documents.put({ collection: collections.logins, key, value: createdAt, expiresAt: null })
    this.sessions.put(documents, session)
  }

  async #byId(account: string, id: string): Promise<UserRecord | undefined> {
    const address = await this.#options.engine.getDocument(collections.addresses, userKey(account, id))
    return address && this.#byEmail(account, address.value as string)
  }

  async #byEmail(account: string, email: string): Promise<UserRecord | undefined> {
    const document = await this.#options.engine.getDocument(collections.users, userKey(account, normal(email)))
    return document?.value as UserRecord | undefined
  }
}

const view = ({ hash: _hash, ...user }: UserRecord, lastLoginAt: Millis): User => ({ ...user, lastLoginAt })

/** Names of accounts hold no line break, and addresses no space. */
const userKey = (account: string, rest: string): string => `${account}\n${rest}`

const normal = (email: string): string => email.toLowerCase()
