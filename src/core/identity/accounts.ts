import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { allDocuments, type IdentityEngine } from './documents.ts'
import { type Account, accountNameFault, collections } from './model.ts'
import { projectIdOf } from './project-id.ts'

export interface AccountPage {
  readonly accounts: readonly Account[]
  /** Pass as `after` for the next page; null on the last one. */
  readonly next: string | null
}

/** Accounts as they are stored. */
export class Accounts {
  readonly #engine: IdentityEngine
  readonly #clock: Clock

  constructor(engine: IdentityEngine, clock: Clock) {
    this.#engine = engine
    this.#clock = clock
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
  async put({
    name,
    displayName,
  }: {
    name: string
    displayName?: string
  }): Promise<{ account: Account; created: boolean }> {
    const fault = accountNameFault(name)
    if (fault) throw new Refusal('ArgumentInvalid', { argument: 'account', reason: fault })
    const fresh: Account = { name, displayName: displayName ?? '', createdAt: this.#clock.now() }
    const created = await this.#write(fresh, { ifAbsent: true })
    if (created) return { account: fresh, created }
    const account = { ...fresh, ...(await this.get(name)), ...(displayName !== undefined && { displayName }) }
    if (displayName !== undefined) await this.#write(account)
    return { account, created }
  }

  async remove(name: string): Promise<void> {
    await this.#engine.removeDocument(collections.accounts, name)
  }

  /** Whether any account has, or had, credentials; see `Identity.open`. */
  async anyCloses(): Promise<boolean> {
    const found = await this.#engine.listDocuments({ collection: collections.closing, limit: 1 })
    return found.length > 0
  }

  async setCloses(name: string, closes: boolean): Promise<void> {
    const { closing: collection } = collections
    if (closes)
      await this.#engine.putDocument({ collection, key: name, value: true, expiresAt: null }, { ifAbsent: true })
    else await this.#engine.removeDocument(collection, name)
  }

  #write(account: Account, options: { ifAbsent?: boolean } = {}): Promise<boolean> {
    const { accounts: collection } = collections
    return this.#engine.putDocument({ collection, key: account.name, value: account, expiresAt: null }, options)
  }
}
