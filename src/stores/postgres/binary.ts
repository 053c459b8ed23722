/** Arrays in PostgreSQL's binary form: no escaping, and a body travels as its bytes. */

const oids = { int2: 21, int4: 23, int8: 20, text: 25, bytea: 17 } as const

/** `null` elements are NULL. The statement says `$1::int8[]`. */
export const int8s = (values: readonly (number | null)[]): Buffer =>
  fixed(oids.int8, 8, values, (buffer, value, at) => {
    // Twice 32 bits are quicker than a BigInt; the upper half is signed.
    const upper = Math.floor(value / 0x1_0000_0000)
    buffer.writeInt32BE(upper, at)
    buffer.writeUInt32BE(value - upper * 0x1_0000_0000, at + 4)
  })

export const int4s = (values: readonly (number | null)[]): Buffer =>
  fixed(oids.int4, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at))

export const int2s = (values: readonly (number | null)[]): Buffer =>
  fixed(oids.int2, 2, values, (buffer, value, at) => buffer.writeInt16BE(value, at))

export const texts = (values: readonly (string | null)[]): Buffer => {
  let bytes = header
  const lengths = values.map((value) => {
    const length = value === null ? -1 : Buffer.byteLength(value)
    bytes += 4 + Math.max(0, length)
    return length
  })
  const buffer = begin(oids.text, bytes, values.length)
  let at = header
  for (let i = 0; i < values.length; i++) {
    const length = lengths[i] as number
    at = buffer.writeInt32BE(length, at)
    if (length > 0) at += buffer.write(values[i] as string, at)
  }
  return buffer
}

export const byteas = (values: readonly Uint8Array[]): Buffer => {
  let bytes = header
  for (const value of values) bytes += 4 + value.byteLength
  const buffer = begin(oids.bytea, bytes, values.length)
  let at = header
  for (const value of values) {
    at = buffer.writeInt32BE(value.byteLength, at)
    buffer.set(value, at)
    at += value.byteLength
  }
  return buffer
}

const header = 20

const begin = (oid: number, bytes: number, count: number): Buffer => {
  const buffer = Buffer.allocUnsafe(bytes)
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(oid, 8)
  buffer.writeInt32BE(count, 12)
  buffer.writeInt32BE(1, 16)
  return buffer
}

const fixed = (
  oid: number,
  width: number,
  values: readonly (number | null)[],
  write: (buffer: Buffer, value: number, at: number) => void,
): Buffer => {
  let nulls = 0
  for (let i = 0; i < values.length; i++) if (values[i] === null) nulls++
  const buffer = begin(oid, header + values.length * (4 + width) - nulls * width, values.length)
  let at = header
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null
    buffer.writeInt32BE(value === null ? -1 : width, at)
    at += 4
    if (value === null) continue
    write(buffer, value, at)
    at += width
  }
  return buffer
}
