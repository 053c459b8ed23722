import { isAscii, isUtf8 } from 'node:buffer'

/** Node's buffers do this several times faster than what the client uses everywhere else. */
export const bytesOf = (text: string): Uint8Array => Buffer.from(text)

/** Whoever sent them may write to theirs again, while the store still hands these out. */
export const copyOf = (bytes: Uint8Array): Uint8Array => Buffer.from(bytes)

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const textOf = (bytes: Uint8Array): string => asBuffer(bytes).toString(isAscii(bytes) ? 'latin1' : 'utf8')

/** The text that the bytes stand for, or undefined if they are not UTF-8. */
export const strictTextOf = (bytes: Uint8Array): string | undefined => {
  if (isAscii(bytes)) return asBuffer(bytes).toString('latin1')
  return isUtf8(bytes) ? asBuffer(bytes).toString('utf8') : undefined
}

export const base64Of = (bytes: Uint8Array): string => asBuffer(bytes).toString('base64')
