import type { Accounts } from './accounts.ts'
import { allDocuments, type IdentityEngine } from './documents.ts'
import type { Keys } from './keys.ts'
import { type ConfiguredAccount, collections } from './model.ts'
import type { Passwords } from './passwords.ts'

/**
 * Makes the stored accounts and keys agree with the configuration file. Accounts it no longer names stay, for they may
 * own queues; keys it no longer names are revoked.
 */
export const applyConfigured = async (
  configured: readonly ConfiguredAccount[],
  context: { engine: IdentityEngine; accounts: Accounts; keys: Keys; passwords: Passwords },
): Promise<void> => {
  const { engine, accounts, keys } = context
  const { configuredKeys: collection } = collections
  const named = new Set(configured.flatMap((account) => account.keys.map(({ id }) => id)))

  for (const { name, displayName, keys: itsKeys } of configured) {
    await accounts.put({ name, ...(displayName !== undefined && { displayName }) })
    await engine.changeDocuments((documents) => {
      if (documents.get(collections.closing, name)) return
      if (accounts.hold(documents, name)) accounts.close(documents, name, 'configured')
    })
    for (const key of itsKeys) {
      const noted = await engine.getDocument(collection, key.id)
      if (noted?.value !== name) await engine.putDocument({ collection, key: key.id, value: name, expiresAt: null })
      await keys.configure(name, key)
    }
  }

  const stillNamed = new Set(configured.map(({ name }) => name))
  for await (const { key: id, value } of allDocuments(engine, { collection })) {
    if (named.has(id)) continue
    const account = value as string
    await keys.remove({ id, account })
    await engine.removeDocument(collection, id)
    // Without it nobody could use the account, nor the server if that was its only one.
    if (!stillNamed.has(account)) await accounts.reopen(account, async () => (await keys.list(account)).length > 0)
  }
  await applyPasswords(configured, context)
}

const applyPasswords = async (
  configured: readonly ConfiguredAccount[],
  { engine, accounts, keys, passwords }: Parameters<typeof applyConfigured>[1],
): Promise<void> => {
  const { configuredPasswords: collection } = collections
  const named = new Set<string>()
  const stillNamed = new Set(configured.map(({ name }) => name))
  for (const { name, password } of configured) {
    if (password === undefined) continue
    named.add(name)
    await engine.putDocument({ collection, key: name, value: true, expiresAt: null }, { ifAbsent: true })
    await passwords.configure(name, password, (documents) => accounts.hold(documents, name))
  }
  for await (const { key: account } of allDocuments(engine, { collection })) {
    if (named.has(account)) continue
    await passwords.remove(account)
    await engine.removeDocument(collection, account)
    if (!stillNamed.has(account)) await accounts.reopen(account, async () => (await keys.list(account)).length > 0)
  }
}
