import { createHash } from 'node:crypto'

/**
 * How many records there are, and a hash of them all that does not depend on the order in which they come, since each store has its
 * own: the sum of their SHA-256, modulo 2^256.
 */
export class Digest {
  count = 0
  #sum = 0n

  add(record: object): void {
    this.count++
    this.#sum = (this.#sum + BigInt(`0x${hashOf(record)}`)) & mask
  }

  get hash(): string {
    return this.#sum.toString(16).padStart(64, '0')
  }
}

const mask = 2n ** 256n - 1n

/** The order of a record's own fields is the store's affair; what is kept as JSON is kept to the letter. */
const hashOf = (record: object): string => {
  const hash = createHash('sha256')
  const fields = Object.entries(record).filter(([, value]) => value !== undefined)
  for (const [name, value] of fields.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value instanceof Uint8Array) hash.update(`${name}:${value.byteLength}:`).update(value)
    else hash.update(`${name}=${JSON.stringify(value)},`)
  }
  return hash.digest('hex')
}
