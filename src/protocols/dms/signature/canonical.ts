import type { IncomingMessage } from 'node:http'
import { pairsOf } from '../query.ts'

/** What of a request is signed, as text. */
export const canonicalRequest = (
  { method = '', url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  signedHeaders: string,
  bodyHash: string,
  plusIsSpace: boolean,
): string => {
  const mark = url.indexOf('?')
  return [
    method.toUpperCase(),
    canonicalPath(mark < 0 ? url : url.slice(0, mark)),
    mark < 0 ? '' : canonicalQuery(url.slice(mark + 1), plusIsSpace),
    signedHeaders
      .split(';')
      .map((name) => `${name.toLowerCase()}:${String(headers[name.toLowerCase()] ?? '').trim()}\n`)
      .join(''),
    signedHeaders,
    bodyHash,
  ].join('\n')
}

const canonicalPath = (path: string): string => {
  const encoded = path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/')
  return encoded.endsWith('/') ? encoded : `${encoded}/`
}

const canonicalQuery = (search: string, plusIsSpace: boolean): string =>
  pairsOf(search, (text) => decode(plusIsSpace ? text.replaceAll('+', ' ') : text))
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** What is no escape stands for itself: then it was not signed like this, or it was. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
