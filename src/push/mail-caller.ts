import { isUtf8 } from 'node:buffer'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { mailboxIn } from '../core/mailto.ts'
import type { Caller, NoAnswer, PushAnswer, PushCall } from './call.ts'
import { keptAnswerBytes } from './call.ts'

export interface MailServer {
  /** `smtp:` or `smtps:`, with user and password where it wants them. */
  readonly url: string
  /** Whom mails are from. */
  readonly from: string
}

/** Calls mailboxes: each call is a mail to the address in its URL, handed to one mail server over connections that are kept. */
export const mailCaller = ({ url, from }: MailServer): Caller => {
  const transport = createTransport({
    url,
    pool: true,
    // Whoever makes a call repeats it, and waits no longer than it may take; this is for connections that nobody waits for.
    maxRequeues: 0,
    connectionTimeout: 60_000,
    greetingTimeout: 60_000,
    socketTimeout: 120_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  // A connection that breaks while it is idle concerns no call.
  transport.on('error', () => {})
  return {
    async call(call): Promise<PushAnswer | NoAnswer> {
      const mail = mailOf(call, from)
      if (!mail) return { error: 'there is no mail address in its URL', reached: true }
      try {
        const { response } = await transport.sendMail(mail)
        return {
          status: Number(/^\d{3}/.exec(response)?.[0] ?? 250),
          retryAfter: undefined,
          text: response.slice(0, keptAnswerBytes),
        }
      } catch (error) {
        return noAnswer(error as SmtpError)
      }
    },
    async close() {
      transport.close()
    },
  }
}

const mailOf = ({ url, headers, body, signal }: PushCall, from: string): SendMailOptions | undefined => {
  const mailbox = mailboxIn(url)
  if (!mailbox) return undefined
  const said = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const { address, subject = `Message in the queue ${decodeURIComponent(said.get('x-queue-name') ?? '')}` } = mailbox
  const id = said.get('x-message-id')
  const replyTo = said.get('reply-to')
  return {
    signal,
    from,
    to: { name: '', address },
    subject,
    ...(replyTo !== undefined && { replyTo }),
    // One that is sent again, because nobody knew whether it had arrived, can be told to be the same.
    ...(id !== undefined && { messageId: `<${id}@${domainOf(from)}>` }),
    // No other header of a call: those of a mail say whom it is from and whom it goes to.
    headers: Object.fromEntries([...said].filter(([name]) => /^(?:x|webhook)-/.test(name))),
    ...contentOf(body, said.get('content-type')),
  }
}

const domainOf = (from: string): string => /@([^\s@>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'

/** For people to read where it is text, whatever it is; else attached. */
const contentOf = (body: Uint8Array, contentType: string | undefined): SendMailOptions => {
  const content = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (isUtf8(content)) return { text: content.toString('utf8') }
  return { attachments: [{ filename: 'message', content, ...(contentType !== undefined && { contentType }) }] }
}

interface SmtpError extends Error {
  readonly code?: string
}

/** Until the mail server has said something of a mail, it has not taken it. */
const noAnswer = ({ message, code }: SmtpError): NoAnswer => ({
  error: `the mail server: ${message}`.slice(0, keptAnswerBytes),
  reached: code === 'EENVELOPE' || code === 'EMESSAGE' || code === 'EABORT',
})
