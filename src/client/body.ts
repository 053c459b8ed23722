import { MillraceError } from './error.ts'

/** A body on its way out: text that is JSON, text, or bytes. */
export interface EncodedBody {
  readonly form: BodyForm
  readonly body: string | Uint8Array
  /** Undefined: the one that goes with the form. */
  readonly contentType: string | undefined
}

export type BodyForm = 'json' | 'text' | 'bytes'

export const defaultContentTypes = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  bytes: 'application/octet-stream',
} as const satisfies Record<BodyForm, string>

const jsonType = /^(?:application|text)\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i
/** Text by its type, and what forms and XML are made of. */
const textType = /^(?:text\/|application\/(?:x-www-form-urlencoded|xml|[\w!#$&^.+-]+\+xml)\s*(?:;|$))/i

export const isJsonType = (contentType: string): boolean =>
  contentType === 'application/json' || jsonType.test(contentType)

/** How a body of this content type is shown if its bytes allow, as the native API has it. */
export const formOf = (contentType: string | null): BodyForm => {
  if (contentType === null) return 'text'
  if (isJsonType(contentType)) return 'json'
  return textType.test(contentType) ? 'text' : 'bytes'
}

/**
 * Strings travel as text and bytes as they are, anything else as JSON. With a JSON content type a string or bytes are taken
 * to be JSON already, and travel to the letter.
 */
export const encodeBody = (body: unknown, contentType?: string): EncodedBody => {
  if (typeof body === 'string') {
    if (!body.isWellFormed()) throw new MillraceError('InvalidBody', 'The body holds half of a surrogate pair.')
    if (contentType === undefined || !isJsonType(contentType)) return { form: 'text', body, contentType }
    checkJson(body)
    return { form: 'json', body, contentType }
  }
  if (body instanceof Uint8Array) {
    if (contentType !== undefined && isJsonType(contentType)) checkJson(decodeStrictly(body))
    return { form: 'bytes', body, contentType }
  }
  if (contentType !== undefined && !isJsonType(contentType)) {
    throw new MillraceError('InvalidBody', `A body of type ${contentType} must be a string or a Uint8Array.`)
  }
  return { form: 'json', body: stringify(body), contentType }
}

const stringify = (body: unknown): string => {
  let text: string | undefined
  try {
    text = JSON.stringify(body)
  } catch (cause) {
    throw new MillraceError('InvalidBody', `The body cannot be written as JSON: ${reasonOf(cause)}`, { cause })
  }
  if (text === undefined)
    throw new MillraceError('InvalidBody', `A body of type ${typeof body} cannot be written as JSON.`)
  return text
}

const checkJson = (text: string): void => {
  try {
    JSON.parse(text)
  } catch (cause) {
    throw new MillraceError('InvalidBody', `The body is not JSON, as its content type says: ${reasonOf(cause)}`, {
      cause,
    })
  }
}

const decodeStrictly = (bytes: Uint8Array): string => {
  try {
    return strictDecoder.decode(bytes)
  } catch (cause) {
    throw new MillraceError('InvalidBody', 'The body is not JSON, as its content type says: it is not UTF-8.', {
      cause,
    })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Keeps a byte order mark, as everything else. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const encoder = new TextEncoder()

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)
