import type { IncomingHttpHeaders } from 'node:http'
import { refused } from './answer.ts'

/**
 * The client that a request says it comes from, as a UUID in its usual form, whichever of its forms came. The description of v1 takes the UUID within
 * the User-Agent, from before there was a header of its own.
 */
export const clientIdOf = (headers: IncomingHttpHeaders, orUserAgent: boolean): string | undefined => {
  const given = headers['client-id']
  if (given !== undefined) return uuidOf(String(given))
  if (!orUserAgent) return undefined
  const found = inUserAgent.exec(headers['user-agent'] ?? '')?.[1]
  return found === undefined ? undefined : dashed(found.replaceAll('-', ''))
}

const inUserAgent =
  /(?<![0-9a-f])([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])/i

const uuidOf = (text: string): string => {
  const known = lastKnown?.text === text ? lastKnown.uuid : undefined
  if (known !== undefined) return known
  const digits = text.replace(/^urn:|uuid:|[{}-]/gi, '')
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw refused(400, 'Wrong UUID value', 'Malformed hexadecimal UUID.')
  const uuid = dashed(digits)
  lastKnown = { text, uuid }
  return uuid
}

/** Requests of one client tend to come in a row. */
let lastKnown: { readonly text: string; readonly uuid: string } | undefined

const dashed = (digits: string): string =>
  digits.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

export const missingClientId = () => refused(400, 'Missing header value', 'The "Client-ID" header is required.')
