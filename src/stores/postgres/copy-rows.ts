/** Rows as COPY takes them in its binary form: the server adds many to a page at once, and parses nothing. */
export class CopyRows {
  readonly #columns: number
  #buffer: Buffer
  #at: number

  /** `bytes`: about as many as it will take. */
  constructor(columns: number, bytes: number) {
    this.#columns = columns
    this.#buffer = Buffer.allocUnsafe(bytes + 64)
    this.#at = signature.copy(this.#buffer)
  }

  row(): void {
    this.#room(2)
    this.#int2(this.#columns)
  }

  int8(value: number | null): void {
    if (value === null) {
      this.#null()
      return
    }
    this.#room(12)
    this.#int4(8)
    // Twice 32 bits are quicker than a BigInt; the upper half is signed.
    const upper = Math.floor(value / 0x1_0000_0000)
    this.#int4(upper)
    this.#int4(value - upper * 0x1_0000_0000)
  }

  int4(value: number | null): void {
    if (value === null) {
      this.#null()
      return
    }
    this.#room(8)
    this.#int4(4)
    this.#int4(value)
  }

  int2(value: number): void {
    this.#room(6)
    this.#int4(2)
    this.#int2(value)
  }

  text(value: string | null): void {
    if (value === null) {
      this.#null()
      return
    }
    // At most three bytes for each unit of UTF-16.
    this.#room(4 + 3 * value.length)
    const start = this.#at + 4
    const bytes = this.#buffer.write(value, start)
    this.#int4(bytes)
    this.#at = start + bytes
  }

  bytes(value: Uint8Array): void {
    this.#room(4 + value.byteLength)
    this.#int4(value.byteLength)
    this.#buffer.set(value, this.#at)
    this.#at += value.byteLength
  }

  finish(): Buffer {
    this.#room(2)
    this.#int2(-1)
    return this.#buffer.subarray(0, this.#at)
  }

  #null(): void {
    this.#room(4)
    this.#int4(-1)
  }

  #int4(value: number): void {
    const buffer = this.#buffer
    const at = this.#at
    buffer[at] = value >>> 24
    buffer[at + 1] = value >>> 16
    buffer[at + 2] = value >>> 8
    buffer[at + 3] = value
    this.#at = at + 4
  }

  #int2(value: number): void {
    this.#buffer[this.#at++] = value >>> 8
    this.#buffer[this.#at++] = value
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length + bytes)
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

/** With no flags and no extension. */
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
