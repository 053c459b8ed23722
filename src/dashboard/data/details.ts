import { isMillraceError, type MessageDetails } from '../../client/index.ts'
import { accountClient } from './server.ts'

export interface Found {
  readonly account: string
  readonly details: MessageDetails
  /** The body as it is stored; undefined once the message has ended. */
  readonly body: Uint8Array | undefined
}

/** Accounts that are asked for a message, where its id does not say whose it is. */
const maxAccounts = 50

/** By an id in any form; whoever may see other accounts finds theirs too. */
export const findMessage = async (
  id: string,
  accounts: readonly string[],
  signal: AbortSignal,
): Promise<Found | null> => {
  for (const account of accounts.slice(0, maxAccounts)) {
    try {
      const details = await accountClient(account).admin.operator.details(id, { signal })
      if (!details) continue
      const [delivery] = details.deliveries
      const stored = delivery && (await accountClient(account).queue(details.queue).get(details.id, { signal }))
      return { account, details, body: stored?.bytes() }
    } catch (error) {
      if (!isMillraceError(error, 'Forbidden')) throw error
    }
  }
  return null
}
