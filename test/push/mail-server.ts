// A mail server as far as clients of SMTP can tell: it takes whatever comes, or refuses it with the words of a test.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  /** By names in lower case, unfolded. */
  readonly headers: ReadonlyMap<string, string>
  /** As it was before it was made fit for the way. */
  readonly text: string
}

export interface MailServer {
  readonly url: string
  readonly mails: readonly Mail[]
  /** Resolves when there are so many mails. */
  until(count: number): Promise<readonly Mail[]>
  /** What is said to the next recipients, one after the other; then all are taken. */
  readonly refusals: string[]
}

export const startMailServer = async (t: TestContext): Promise<MailServer> => {
  const mails: Mail[] = []
  const refusals: string[] = []
  const sockets = new Set<Socket>()
  let waiting: (() => void)[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    const session = new Session(refusals, (mail) => {
      mails.push(mail)
      for (const wake of waiting) wake()
      waiting = []
    })
    socket.write('220 mail.test ESMTP\r\n')
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const answer of session.take(text)) socket.write(`${answer}\r\n`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const until = async (count: number) => {
    while (mails.length < count) await new Promise<void>((wake) => waiting.push(wake))
    return mails
  }
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, mails, until, refusals }
}

const textOf = (sent: string, headers: Mail['headers']): string => {
  if (headers.get('content-transfer-encoding') !== 'quoted-printable') return sent
  const bytes = sent
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

class Session {
  readonly #refusals: string[]
  readonly #received: (mail: Mail) => void
  #buffer = ''
  #from = ''
  #to: string[] = []
  #data: string[] | undefined

  constructor(refusals: string[], received: (mail: Mail) => void) {
    this.#refusals = refusals
    this.#received = received
  }

  *take(text: string): Generator<string> {
    const lines = (this.#buffer + text).split('\r\n')
    this.#buffer = lines.pop() ?? ''
    for (const line of lines) {
      const answer = this.#data ? this.#content(line, this.#data) : this.#command(line)
      if (answer !== undefined) yield answer
    }
  }

  #content(line: string, data: string[]): string | undefined {
    if (line !== '.') {
      data.push(line.startsWith('..') ? line.slice(1) : line)
      return undefined
    }
    const end = data.indexOf('')
    const folded = data.slice(0, end).join('\n').replace(/\n\s+/g, ' ').split('\n')
    const headers = new Map(
      folded.map((header) => [header.replace(/:.*/, '').toLowerCase(), header.replace(/^[^:]*: ?/, '')]),
    )
    this.#received({ from: this.#from, to: this.#to, headers, text: textOf(data.slice(end + 1).join('\n'), headers) })
    this.#data = undefined
    this.#to = []
    return '250 2.0.0 queued as 7'
  }

  #command(line: string): string {
    const [verb = '', argument = ''] = [line.slice(0, 4).toUpperCase(), /<(.*)>/.exec(line)?.[1]]
    switch (verb) {
      case 'MAIL':
        this.#from = argument
        return '250 ok'
      case 'RCPT': {
        const refusal = this.#refusals.shift()
        if (refusal === undefined) this.#to.push(argument)
        return refusal ?? '250 ok'
      }
      case 'DATA':
        this.#data = []
        return '354 go on'
      case 'RSET':
        this.#to = []
        return '250 ok'
      case 'QUIT':
        return '221 bye'
      default:
        return '250 mail.test'
    }
  }
}
