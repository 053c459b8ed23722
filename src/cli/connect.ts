import { createClient, type Millrace } from '../client/index.ts'
import type { ClientOptions } from './command.ts'
import { usageError } from './exit.ts'

/** Fewer attempts than a service would make: somebody may be waiting for the answer. */
const patience = { attempts: 3 }

/** Opens the client for the connection options of a command; nothing is sent before it is used. */
export const connect = ({ url, token, account }: ClientOptions): Millrace => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw usageError(`'${url}' is not the address of a server`, 'Give one such as http://127.0.0.1:8080.')
  }
  return createClient({ url, token, account, retry: patience })
}
