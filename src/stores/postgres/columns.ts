/** Of a statement's answer, each column as PostgreSQL's text. */
export type Row = readonly (string | null)[]

/** The columns of a row, read one after the other. */
export interface Columns {
  number(): number
  numberOrNull(): number | null
  text(): string | null
  bytes(): Uint8Array | null
}

/** Of a statement's answer. Bytes are given as hexadecimal digits. */
export class TextColumns implements Columns {
  readonly #row: Row
  #at = 0

  constructor(row: Row) {
    this.#row = row
  }

  number(): number {
    return Number(this.#row[this.#at++])
  }

  numberOrNull(): number | null {
    const text = this.text()
    return text === null ? null : Number(text)
  }

  text(): string | null {
    return this.#row[this.#at++] ?? null
  }

  bytes(): Uint8Array | null {
    const text = this.text()
    return text === null ? null : Buffer.from(text, 'hex')
  }
}

/** Of a row that COPY TO STDOUT gave in binary form: bytes as they are, and no text to be made of numbers and numbers of text. */
export class CopiedColumns implements Columns {
  readonly #row: Buffer
  #at = 0

  constructor(row: Buffer) {
    this.#row = row
  }

  number(): number {
    return this.numberOrNull() as number
  }

  numberOrNull(): number | null {
    const row = this.#row
    const bytes = row.readInt32BE(this.#at)
    const at = this.#at + 4
    this.#at = at + Math.max(bytes, 0)
    switch (bytes) {
      case -1:
        return null
      case 2:
        return row.readInt16BE(at)
      case 4:
        return row.readInt32BE(at)
      default:
        // Twice 32 bits are quicker than a BigInt; the upper half is signed.
        return row.readInt32BE(at) * 0x1_0000_0000 + row.readUInt32BE(at + 4)
    }
  }

  text(): string | null {
    const bytes = this.bytes()
    return bytes === null ? null : (bytes as Buffer).toString()
  }

  /** A part of the row. */
  bytes(): Uint8Array | null {
    const bytes = this.#row.readInt32BE(this.#at)
    const from = this.#at + 4
    this.#at = from + Math.max(bytes, 0)
    return bytes === -1 ? null : this.#row.subarray(from, this.#at)
  }
}

/** What COPY TO STDOUT gave in one piece: a row, as the server has it; undefined: that there are no more. The first piece begins with a head. */
export const copiedRow = (piece: Buffer): CopiedColumns | undefined => {
  const from = piece[0] === signatureBegins ? headBytes : 0
  if (from === piece.length || piece.readInt16BE(from) === noMore) return undefined
  // The bytes belong to whoever reads from the connection, and are read into again.
  return new CopiedColumns(Buffer.from(piece.subarray(from + 2)))
}

/** No row does: it begins with the number of its columns, in two bytes. */
const signatureBegins = 'P'.charCodeAt(0)
/** A signature, flags, and the length of an extension that there is none of. */
const headBytes = 11 + 4 + 4
const noMore = -1
