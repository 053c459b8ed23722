import pino, { type DestinationStream, type Logger } from 'pino'
import { textLines } from './log-text.ts'

export interface LogOptions {
  readonly level: string
  readonly format: 'auto' | 'json' | 'text'
}

/**
 * Logs go to standard error, so that standard output stays for people: the banner. Lines are written one by one and at
 * once: nothing is lost when the process ends, and there are few of them.
 */
export const createLogger = ({ level, format }: LogOptions, destination = standardError(format)): Logger =>
  pino(
    {
      level,
      base: null,
      redact: { paths: secretPaths, censor: '[secret]' },
      hooks: { streamWrite: hideTokens },
      serializers: { err: pino.stdSerializers.err, req: requestView, res: replyView },
    },
    destination,
  )

const standardError = (format: LogOptions['format']): DestinationStream => {
  const lines = pino.destination({ fd: 2, sync: true })
  const isForPeople = format === 'text' || (format === 'auto' && process.stderr.isTTY)
  return isForPeople ? textLines(lines) : lines
}

/** Where a secret may stand in what is handed to a logger, should anybody ever hand it there. */
const secretNames = ['authorization', 'cookie', 'secret', 'sealed', 'token', 'password', 'serverKey']
const secretHeaders = ['"proxy-authorization"', '"x-auth-token"', '"set-cookie"', 'authtoken']
const secretPaths = [
  ...secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  ...secretHeaders.flatMap((name) => [`headers[${name}]`, `*.headers[${name}]`]),
]

/** The last line of defence: a token within a text, such as the message of an error. */
const hideTokens = (line: string): string =>
  tokenLike.test(line)
    ? line
        .replace(/\bmr_([A-Za-z0-9.@+-]{1,128})_[!#-Z^-~]+/g, 'mr_$1_[secret]')
        .replace(/\bmrt_[\w-]+\.[\w-]+/g, 'mrt_[secret]')
    : line

const tokenLike = /mrt?_/

/** Never headers, and no query, for secrets are sent in both. */
const requestView = (request: { method?: string; url?: string; ip?: string }) => ({
  method: request.method,
  path: request.url?.split('?', 1)[0],
  from: request.ip,
})

const replyView = (reply: { statusCode?: number }) => ({ status: reply.statusCode })
