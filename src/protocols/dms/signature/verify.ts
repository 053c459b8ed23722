import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Millis } from '../../../core/clock.ts'
import { Refused } from '../problems.ts'
import { type Authorization, scheme } from './authorization.ts'
import { canonicalRequest } from './canonical.ts'

/** How far the clocks of client and server may be apart; what is older has been seen before, or should have been. */
const windowMs = 15 * 60_000

/** Whether a request was signed with a secret; refused before anybody looks for one, when its date or body says that it cannot be. */
export const verifierOf = (
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  said: Authorization,
  body: Buffer,
  now: Millis,
): ((secret: string) => boolean) => {
  const date = request.headers['x-sdk-date']
  if (typeof date !== 'string' || !isCurrent(date, now)) {
    throw new Refused(10240101, 'X-Sdk-Date is missing, or more than 15 minutes from the time of this server.')
  }
  if (said.scope && said.scope.date !== date.slice(0, 8)) {
    throw new Refused(10240101, 'The date of the credential is not that of X-Sdk-Date.')
  }
  const bodyHash = bodyHashOf(request, body)
  // Signers do not agree on what a plus in a query is.
  const readings = request.url?.includes('+') ? [true, false] : [true]
  const texts = readings.map((plusIsSpace) =>
    stringToSign(said, date, canonicalRequest(request, said.signedHeaders, bodyHash, plusIsSpace)),
  )
  const given = Buffer.from(said.signature, 'hex')
  return (secret) => {
    const key = signingKey(said, secret)
    return texts.map((text) => timingSafeEqual(createHmac('sha256', key).update(text).digest(), given)).includes(true)
  }
}

const isCurrent = (date: string, now: Millis): boolean => {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  if (!parts) return false
  const [, year, month, day, hour, minute, second] = parts
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Math.abs(at - now) <= windowMs
}

/** A request may say its hash itself, which then has to be that of its body, or that the body is not signed. */
const bodyHashOf = ({ headers }: Pick<IncomingMessage, 'headers'>, body: Buffer): string => {
  const computed = hash('sha256', body, 'hex')
  const named = headers['x-sdk-content-sha256']
  if (named === undefined || named === '') return computed
  if (named === 'UNSIGNED-PAYLOAD') return named
  if (String(named).toLowerCase() !== computed) {
    throw new Refused(10240101, 'X-Sdk-Content-Sha256 is not the hash of the body.')
  }
  return String(named)
}

const stringToSign = ({ scope }: Authorization, date: string, canonical: string): string =>
  [
    scheme,
    date,
    ...(scope ? [`${scope.date}/${scope.region}/${scope.service}/sdk_request`] : []),
    hash('sha256', canonical, 'hex'),
  ].join('\n')

const signingKey = ({ scope }: Authorization, secret: string): string | Buffer =>
  scope
    ? [scope.date, scope.region, scope.service, 'sdk_request'].reduce<string | Buffer>(
        (key, part) => createHmac('sha256', key).update(part).digest(),
        `SDK${secret}`,
      )
    : secret
