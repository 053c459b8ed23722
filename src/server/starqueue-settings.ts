import { defaultLimits } from '../core/limits.ts'
import type { StarQueueSettings } from '../protocols/starqueue/index.ts'
import type { Config } from './config/schema.ts'
import { isLoopback } from './http/loopback.ts'

/** Unless the configuration says so, strangers cannot make accounts on a server that other machines can reach. */
export const starQueueSettings = ({ starqueue, host }: Config): StarQueueSettings => {
  const { signUp = isLoopback(host), retentionMs, maxMessageBytes, maxMessages } = starqueue
  return { signUp, retentionMs, maxMessageBytes, ...(maxMessages !== undefined && { maxMessages }) }
}

/** Its queues are virtual ones: they have to take what it lets through, which is three bytes in four characters. */
export const virtualMessageBytes = ({ maxMessageBytes }: Config['starqueue']): number =>
  Math.max(defaultLimits.maxVirtualMessageBytes, Math.ceil((maxMessageBytes * 3) / 4))
