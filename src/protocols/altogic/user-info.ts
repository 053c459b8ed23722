import bowser from 'bowser'
import type { User, UserSession } from '../../core/identity/users/user.ts'
import { timestamp } from './message-info.ts'

/** A user as the client knows it: what was said at sign-up at the top level, under what the server says. */
export const userInfo = ({ id, email, name, data, signedUpAt, lastLoginAt }: User) => ({
  ...data,
  _id: id,
  provider: 'altogic',
  providerUserId: id,
  email,
  signUpAt: timestamp(signedUpAt),
  lastLoginAt: timestamp(lastLoginAt),
  // Nothing asks for a confirmation, so nothing is left to confirm.
  emailVerified: true,
  ...(name !== null && { name }),
})

/** A session as the client knows it. All of it has to be there: the client for Dart insists. */
export const sessionInfo = ({ userId, token, createdAt, client }: UserSession) => ({
  userId,
  token,
  creationDtm: timestamp(createdAt),
  accessGroupKeys: [],
  userAgent: { ...describeAgent(''), ...client },
})

/** The header `User-Agent`, taken apart. */
export const describeAgent = (header: string | undefined): UserSession['client'] => {
  const { browser, os, platform } = bowser.parse(header?.slice(0, 500) || 'unknown')
  return {
    // What is no browser gives itself any name.
    ...(browsers.has(browser.name ?? '') ? named(browser.name, browser.version) : named(undefined, undefined)),
    device: named(platform.model ?? platform.vendor, undefined),
    os: named(os.name, os.version),
  }
}

const browsers = new Set<string>(Object.values(bowser.BROWSER_MAP))

const named = (family: string | undefined, version: string | undefined) => {
  const [major, minor, patch] = (version ?? '').split('.')
  return { family: family || 'Other', major: major || '0', minor: minor || '0', patch: patch || '0' }
}
