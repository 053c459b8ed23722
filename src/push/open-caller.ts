import { isMailto } from '../core/mailto.ts'
import type { AddressPolicy } from './addresses.ts'
import type { Caller } from './call.ts'
import type { MailServer } from './mail-caller.ts'

interface CallerOptions {
  /** Asked at each connection over HTTP. */
  readonly addresses: () => AddressPolicy
  /** Through whom mails are sent; without it, messages for mailboxes wait. */
  readonly mail?: MailServer | undefined
}

/** Calls services over HTTP, and mailboxes. Its libraries are loaded now, so that whoever calls nobody does without them. */
export const openCaller = async ({ addresses, mail }: CallerOptions): Promise<Caller> => {
  const http = (await import('./http-caller.ts')).httpCaller({ addresses })
  const mails = mail ? (await import('./mail-caller.ts')).mailCaller(mail) : noMail
  return {
    call: (call) => (isMailto(call.url) ? mails : http).call(call),
    close: async () => void (await Promise.all([http.close(), mails.close()])),
  }
}

/** Targets are refused where there is no mail server, so it was there when they were made. */
const noMail: Caller = {
  call: () => Promise.resolve({ error: 'no mail server is configured any more', reached: false }),
  close: () => Promise.resolve(),
}
