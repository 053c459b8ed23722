import type { Operation } from './operation.ts'
import { getMessageStatus } from './operations/get-message-status.ts'
import { getAuthGrant, signInWithEmail } from './operations/sign-in.ts'
import { signOut, signOutAll, signOutAllExceptCurrent } from './operations/sign-out.ts'
import { signUpWithEmail } from './operations/sign-up.ts'
import { submitMessage } from './operations/submit-message.ts'
import { changePassword, getAllSessions, getUserFromDB } from './operations/user.ts'

/** The whole API. Routes and checks are made of it; docs/protocols/altogic.md has the same table. */
export const operations: readonly Operation[] = [
  submitMessage,
  getMessageStatus,
  signUpWithEmail,
  signInWithEmail,
  getAuthGrant,
  signOut,
  signOutAll,
  signOutAllExceptCurrent,
  getAllSessions,
  getUserFromDB,
  changePassword,
]

/** Below the root of the API (`/_api`). */
export const basePath = '/rest/v1'
