/**
 * A validating JSON scanner over bytes that builds nothing: it only finds where values end, so that their text can be
 * kept to the letter. Positions are indexes into the bytes; a negative result is `failure(position)`. That the bytes
 * are valid UTF-8 is checked elsewhere, once for all of them.
 */

/** Arrays and objects within each other. Many parsers give up soon after this, and would lose the messages around it too. */
export const maxJsonDepth = 1000

const failure = (at: number): number => -1 - at
export const failedAt = (result: number): number => -1 - result

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** Bytes that a string goes on with: everything but its end, an escape and control characters. */
const plain = new Uint8Array(256).fill(1, 0x20)
plain[quote] = 0
plain[backslash] = 0

/** One request's bytes, with a view of them four at a time. */
export class JsonScanner {
  readonly bytes: Uint8Array
  readonly end: number
  /** How far the bytes begin behind the boundary of a word. */
  readonly #shift: number
  readonly #words: Int32Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.end = bytes.length
    this.#shift = bytes.byteOffset & 3
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset - this.#shift, (bytes.length + this.#shift) >> 2)
  }

  skipSpace(from: number): number {
    const { bytes, end } = this
    let at = from
    while (at < end) {
      const byte = bytes[at]!
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
      at++
    }
    return at
  }

  /** From the first byte of a value to just behind it. */
  skipValue(at: number, depth: number): number {
    if (at >= this.end) return failure(at)
    switch (this.bytes[at]!) {
      case quote:
        return this.skipString(at + 1)
      case openBrace:
        return this.#skipObject(at + 1, depth + 1)
      case openBracket:
        return this.#skipArray(at + 1, depth + 1)
      case 0x74:
        return this.#skipWord(at, 'true')
      case 0x66:
        return this.#skipWord(at, 'false')
      case 0x6e:
        return this.#skipWord(at, 'null')
      default:
        return this.#skipNumber(at)
    }
  }

  /** From just behind the opening quote to just behind the closing one. */
  skipString(from: number): number {
    const { bytes, end } = this
    let at = from
    for (;;) {
      at = this.#skipPlain(at)
      if (at >= end) return failure(end)
      const byte = bytes[at]!
      if (byte === quote) return at + 1
      if (byte !== backslash) return failure(at)
      at = this.#skipEscape(at + 1)
      if (at < 0) return at
    }
  }

  /** To the next byte that is special in a string. Long stretches go by words: three times as fast. */
  #skipPlain(from: number): number {
    const { bytes, end } = this
    let at = from
    const near = Math.min(end, from + 16)
    while (at < near) {
      if (plain[bytes[at]!] === 0) return at
      at++
    }
    while (at < end && ((at + this.#shift) & 3) !== 0) {
      if (plain[bytes[at]!] === 0) return at
      at++
    }
    const words = this.#words
    const shift = this.#shift
    const endWord = (end + shift) >> 2
    let word = (at + shift) >> 2
    while (word < endWord && !hasSpecial(words[word]!)) word++
    at = Math.max(at, (word << 2) - shift)
    while (at < end && plain[bytes[at]!] === 1) at++
    return at
  }

  #skipEscape(at: number): number {
    const { bytes, end } = this
    if (at >= end) return failure(end)
    const byte = bytes[at]!
    if (byte === 0x75) {
      for (let digit = at + 1; digit <= at + 4; digit++) {
        if (digit >= end || !isHexDigit(bytes[digit]!)) return failure(digit)
      }
      return at + 5
    }
    return isEscape(byte) ? at + 1 : failure(at)
  }

  #skipWord(from: number, word: string): number {
    for (let index = 0; index < word.length; index++) {
      if (from + index >= this.end || this.bytes[from + index] !== word.charCodeAt(index)) return failure(from + index)
    }
    return from + word.length
  }

  #skipDigits(from: number): number {
    let at = from
    while (at < this.end && isDigit(this.bytes[at]!)) at++
    return at === from ? failure(at) : at
  }

  #skipNumber(from: number): number {
    const { bytes, end } = this
    let at = bytes[from] === 0x2d ? from + 1 : from
    if (at < end && bytes[at] === 0x30) at++
    else at = this.#skipDigits(at)
    if (at >= 0 && at < end && bytes[at] === 0x2e) at = this.#skipDigits(at + 1)
    if (at >= 0 && at < end && (bytes[at]! | 0x20) === 0x65) {
      const sign = at + 1 < end && (bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d) ? 1 : 0
      at = this.#skipDigits(at + 1 + sign)
    }
    return at
  }

  #skipArray(from: number, depth: number): number {
    if (depth > maxJsonDepth) return failure(from - 1)
    const { bytes, end } = this
    let at = this.skipSpace(from)
    if (at < end && bytes[at] === closeBracket) return at + 1
    for (;;) {
      at = this.skipValue(at, depth)
      if (at < 0) return at
      at = this.skipSpace(at)
      if (at >= end) return failure(at)
      if (bytes[at] === closeBracket) return at + 1
      if (bytes[at] !== comma) return failure(at)
      at = this.skipSpace(at + 1)
    }
  }

  #skipObject(from: number, depth: number): number {
    if (depth > maxJsonDepth) return failure(from - 1)
    const { bytes, end } = this
    let at = this.skipSpace(from)
    if (at < end && bytes[at] === closeBrace) return at + 1
    for (;;) {
      if (at >= end || bytes[at] !== quote) return failure(at)
      at = this.skipString(at + 1)
      if (at < 0) return at
      at = this.skipColon(at)
      if (at < 0) return at
      at = this.skipValue(at, depth)
      if (at < 0) return at
      at = this.skipSpace(at)
      if (at >= end) return failure(at)
      if (bytes[at] === closeBrace) return at + 1
      if (bytes[at] !== comma) return failure(at)
      at = this.skipSpace(at + 1)
    }
  }

  /** From just behind a member's name to the first byte of its value. */
  skipColon(from: number): number {
    const at = this.skipSpace(from)
    if (at >= this.end || this.bytes[at] !== colon) return failure(at)
    return this.skipSpace(at + 1)
  }
}

/** Whether a quote, a backslash or a control character is among the four bytes of a word. */
const hasSpecial = (word: number): boolean => {
  const quotes = word ^ 0x22222222
  const backslashes = word ^ 0x5c5c5c5c
  return (
    ((((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes) | ((word - 0x20202020) & ~word)) &
      0x80808080) !==
    0
  )
}

/** One of "\\/bfnrt */
const isEscape = (byte: number): boolean =>
  byte === quote ||
  byte === backslash ||
  byte === 0x2f ||
  byte === 0x62 ||
  byte === 0x66 ||
  byte === 0x6e ||
  byte === 0x72 ||
  byte === 0x74

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

const isHexDigit = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)

/** Where the bytes cease to be one JSON text, or -1 when they are one. */
export const jsonErrorAt = (bytes: Uint8Array): number => {
  const scanner = new JsonScanner(bytes)
  const behind = scanner.skipValue(scanner.skipSpace(0), 0)
  if (behind < 0) return failedAt(behind)
  const at = scanner.skipSpace(behind)
  return at === bytes.length ? -1 : at
}
