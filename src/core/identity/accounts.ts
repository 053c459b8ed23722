import type { Clock } from '../clock.ts'
import type { Documents } from '../engine-api.ts'
import { Refusal } from '../errors.ts'
import { allDocuments, held, type IdentityEngine, type MayRemove } from './documents.ts'
import { type Account, accountNameFault, collections, newAccount } from './model.ts'
import { projectIdOf } from './project-id.ts'
import { newKeyId, type RandomBytes } from './token.ts'

export interface AccountPage {
  readonly accounts: readonly Account[]
  /** Pass as `after` for the next page; null on the last one. */
  readonly next: string | null
}

export interface AccountsOptions {
  readonly engine: IdentityEngine
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** Removes all that is an account's, as long as that may be removed. */
  readonly removeBelongings: (account: string, mayRemove: MayRemove) => Promise<void>
}

/** Accounts as they are stored. */
export class Accounts {
  readonly #options: AccountsOptions
  readonly #engine: IdentityEngine

  constructor(options: AccountsOptions) {
    this.#options = options
    this.#engine = options.engine
  }

  async get(name: string): Promise<Account | undefined> {
    const document = await this.#engine.getDocument(collections.accounts, name)
    return document?.value as Account | undefined
  }

  async list({ after, limit = 100 }: { after?: string; limit?: number } = {}): Promise<AccountPage> {
    const documents = await this.#engine.listDocuments({
      collection: collections.accounts,
      limit: limit + 1,
      ...(after !== undefined && { after }),
    })
    const accounts = documents.slice(0, limit).map((document) => document.value as Account)
    const hasMore = documents.length > limit
    return { accounts, next: hasMore ? (accounts.at(-1)?.name ?? null) : null }
  }

  /** The name of the account with this project id; it looks at all of them. */
  async nameOfProject(projectId: string): Promise<string | undefined> {
    if (await this.get(projectId)) return projectId
    for await (const { key: name } of allDocuments(this.#engine, { collection: collections.accounts })) {
      if (projectIdOf(name) === projectId) return name
    }
    return undefined
  }

  /** Makes it, or changes what people see of it. */
  async put(wanted: {
    readonly name: string
    readonly displayName?: string
  }): Promise<{ account: Account; created: boolean }> {
    const { name } = wanted
    const fault = accountNameFault(name)
    if (fault) throw new Refusal('ArgumentInvalid', { argument: 'account', reason: fault })
    while (true) {
      const put = await this.#engine.changeDocuments((documents) => this.#put(documents, wanted))
      if (put) return put
      await this.#finishRemoval(name)
    }
  }

  /**
   * Whether there is such an account, which nobody removes before the transaction is over. Whatever is given to an account is written in
   * such a transaction, or it could stay behind.
   */
  hold(documents: Documents, name: string): boolean {
    return held(documents, collections.accounts, name) !== undefined
  }

  /** The same for an account that comes into being when it is not there, unless something is left of one of this name. */
  make(documents: Documents, name: string, displayName?: string): boolean {
    const wanted = { name, ...(displayName !== undefined && { displayName }) }
    return this.hold(documents, name) || this.#put(documents, wanted) !== undefined
  }

  /** With all that is its own, or what an earlier removal has left of that. False: there is none. */
  async remove(name: string): Promise<boolean> {
    const removal = newKeyId(this.#options.randomBytes)
    const isRemoved = await this.#engine.changeDocuments((documents) => {
      if (!documents.get(collections.accounts, name)) return false
      documents.remove(collections.accounts, name)
      documents.put({ collection: collections.leaving, key: name, value: removal, expiresAt: null })
      return true
    })
    return (await this.#finishRemoval(name)) || isRemoved
  }

  /** What removals have left that were not finished. */
  async finishRemovals(): Promise<void> {
    const { leaving: collection } = collections
    for await (const { key: name } of allDocuments(this.#engine, { collection })) await this.#finishRemoval(name)
  }

  /** Whether any account has, or had, credentials; see `Identity.open`. */
  async anyCloses(): Promise<boolean> {
    const found = await this.#engine.listDocuments({ collection: collections.closing, limit: 1 })
    return found.length > 0
  }

  /** From now on this account closes the server, for `reason`. */
  close(documents: Documents, name: string, reason: string): void {
    documents.put({ collection: collections.closing, key: name, value: reason, expiresAt: null })
  }

  /** It closes the server no longer, unless another reason to has come up since `look` began to look for one and found none. */
  async reopen(name: string, look: () => Promise<boolean>): Promise<void> {
    const { closing } = collections
    const before = await this.#engine.getDocument(closing, name)
    if (!before || (await look())) return
    await this.#engine.changeDocuments((documents) => {
      if (documents.get(closing, name)?.value === before.value) documents.remove(closing, name)
    })
  }

  /** Undefined, with nothing written: all that was that of a former one has to go first. */
  #put(
    documents: Documents,
    { name, displayName }: { readonly name: string; readonly displayName?: string },
  ): { account: Account; created: boolean } | undefined {
    const before = documents.get(collections.accounts, name)?.value as Account | undefined
    if (!before && documents.get(collections.leaving, name)) return undefined
    const account: Account = {
      ...(before ?? newAccount(name, this.#options.clock.now())),
      ...(displayName !== undefined && { displayName }),
    }
    if (!before || displayName !== undefined) {
      documents.put({ collection: collections.accounts, key: name, value: account, expiresAt: null })
    }
    return { account, created: !before }
  }

  /** Another node may be about the same, and be done first: then there may be an account of this name again, whose belongings stay. */
  async #finishRemoval(name: string): Promise<boolean> {
    const removal = await this.#engine.getDocument(collections.leaving, name)
    if (!removal) return false
    const isUnfinished: MayRemove = (documents) => held(documents, collections.leaving, name)?.value === removal.value
    await this.#options.removeBelongings(name, isUnfinished)
    await this.#engine.changeDocuments((documents) => {
      if (!isUnfinished(documents)) return
      documents.remove(collections.leaving, name)
      const expiresAt = this.#options.clock.now() + settledAfterMs
      documents.put({ collection: collections.removed, key: name, value: {}, expiresAt })
    })
    return true
  }
}

/** Longer than another node goes on taking a key that was revoked here, and than what it let in then takes. */
const settledAfterMs = 30_000
