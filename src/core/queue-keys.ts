/** Under which names receives wait. */
import type { GroupRecord } from './queue.ts'

export const queueKey = (account: string, queue: string): string => `${account}\u0000${queue}`

export const queueNameOf = (key: string): { readonly account: string; readonly queue: string } => {
  const end = key.indexOf('\u0000')
  return { account: key.slice(0, end), queue: key.slice(end + 1) }
}

/** The name under which receives wait for a group; a group's dead letters have one of their own. */
export const waitKey = (account: string, queue: string, group: Pick<GroupRecord, 'kind' | 'name'>): string =>
  `${queueKey(account, queue)}\u0000${group.kind === 'dead-letters' ? 'dead' : 'live'}\u0000${group.name}`
