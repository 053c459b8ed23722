import type { Identity } from '../core/identity/identity.ts'
import { isLoopback } from './http/loopback.ts'
import { StartError } from './start-error.ts'

/** Refuses to let a server stand open to other machines. */
export const checkMayBeOpen = (host: string, identity: Identity): void => {
  if (!identity.open || isLoopback(host)) return
  throw new StartError(
    `Other machines can reach ${host}, and no account exists, so anyone could use this server. Either listen on ` +
      '127.0.0.1, or give it an account first: put one into the file that --config names, such as ' +
      '{"accounts": [{"name": "main", "keys": [{"id": "main-admin", "secret": "…at least 16 characters…", ' +
      '"scopes": ["send", "receive", "manage", "admin"]}]}]}; or start it on 127.0.0.1 once and run ' +
      "'millrace account create main' and 'millrace key create main --scope admin send receive manage'.",
  )
}
