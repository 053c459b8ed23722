import type { Millis } from '../../clock.ts'
import { hex48 } from '../../hex.ts'
import { allDocuments } from '../documents.ts'
import type { PasswordHashing } from '../password-hashing.ts'
import { isEmail, type NewUser, type User, type UserSession } from './user.ts'
import { UserSessions, type UserSessionsOptions } from './user-sessions.ts'

/** A user who has just come in, with the session that this began. */
export interface SignedIn {
  readonly user: User
  readonly session: UserSession
}

/** `taken`: the account has a user with this e-mail address. `too-many`: too many passwords are being checked, or were guessed. */
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
  readonly sessions: UserSessions

  constructor(options: UserSessionsOptions, hashing: PasswordHashing) {
    this.#options = options
    this.#hashing = hashing
    this.sessions = new UserSessions(options)
  }

  /** What is given has been checked with `newUserFaults`. */
  async signUp(
    account: string,
    { email, password, name, data = {} }: NewUser,
    client: Client,
  ): Promise<SignedIn | Refused<'taken' | 'too-many'>> {
    const { engine, clock, randomBytes } = this.#options
    if (await this.#byEmail(account, email)) return { refused: 'taken' }
    const hash = await this.#hashing.hash(password)
    if (hash === undefined) return { refused: 'too-many' }
    const signedUpAt = clock.now()
    const id = hex48(signedUpAt) + Buffer.from(randomBytes(6)).toString('hex')
    const record: UserRecord = { id, account, email, name: name ?? null, signedUpAt, data, hash }
    const address = normal(email)
    const isNew = await engine.changeDocuments((documents) => {
      if (documents.get(collections.users, userKey(account, address))) return false
      documents.put({ collection: collections.addresses, key: userKey(account, id), value: address, expiresAt: null })
      documents.put({ collection: collections.users, key: userKey(account, address), value: record, expiresAt: null })
      return true
    })
    return isNew ? this.#begin(record, client, signedUpAt) : { refused: 'taken' }
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
    return this.#begin(record, client, this.#options.clock.now())
  }

  async get(account: string, id: string): Promise<User | undefined> {
    const record = await this.#byId(account, id)
    return record && this.#view(record)
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

  /** All users of an account with their sessions, when the account goes. */
  async removeAll(account: string): Promise<void> {
    const { engine } = this.#options
    for await (const { key, value } of allDocuments(engine, {
      collection: collections.users,
      prefix: userKey(account, ''),
    })) {
      const { id } = value as UserRecord
      await this.sessions.endAll(account, id)
      await engine.removeDocument(collections.users, key)
      for (const collection of [collections.addresses, collections.logins]) {
        await engine.removeDocument(collection, userKey(account, id))
      }
    }
  }

  async #begin(record: UserRecord, client: Client, lastLoginAt: Millis): Promise<SignedIn> {
    const { engine } = this.#options
    const { account, id } = record
    const key = userKey(account, id)
    await engine.putDocument({ collection: collections.logins, key, value: lastLoginAt, expiresAt: null })
    const session = await this.sessions.create({ account, userId: id, client })
    return { user: await this.#view(record), session }
  }

  async #view({ hash: _hash, ...user }: UserRecord): Promise<User> {
    const login = await this.#options.engine.getDocument(collections.logins, userKey(user.account, user.id))
    return { ...user, lastLoginAt: (login?.value as Millis | undefined) ?? user.signedUpAt }
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

/** Names of accounts hold no line break, and addresses no space. */
const userKey = (account: string, rest: string): string => `${account}\n${rest}`

const normal = (email: string): string => email.toLowerCase()
