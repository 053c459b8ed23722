import { hash } from 'node:crypto'
import type { Account } from './model.ts'

/**
 * How APIs that name accounts by 32 hexadecimal digits ("projects") name this one: by its name where it is that, or a UUID; else by digits
 * that are made of its name, and stay for ever.
 */
export const projectIdOf = (account: string): string => {
  const digits = account.toLowerCase()
  if (/^[0-9a-f]{32}$/.test(digits)) return digits
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(digits)) return digits.replaceAll('-', '')
  return hash('sha256', `millrace project ${account}`, 'hex').slice(0, 32)
}

/** Whether a project, as a client names it, is the account: by its id, or by the account's plain name. */
export const isProjectOf = (account: string, project: string): boolean =>
  project === account || project.toLowerCase() === projectIdOf(account)

/** An account as it is shown: users of such APIs look there for what to give their clients. */
export const withProjectId = (account: Account): Account & { projectId: string } => ({
  ...account,
  projectId: projectIdOf(account.name),
})
