/** How often values fell into each of some ranges, a fifth wide: enough for percentiles, whatever the number of values. */
export class Histogram {
  readonly #counts = new Uint32Array(buckets)
  #total = 0

  get total(): number {
    return this.#total
  }

  add(value: number): void {
    const bucket = value < 1 ? 0 : Math.min(buckets - 1, 1 + Math.floor(Math.log2(value) * perDoubling))
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#total++
  }

  addAll(other: Histogram): void {
    for (let at = 0; at < buckets; at++) this.#counts[at] = (this.#counts[at] as number) + (other.#counts[at] as number)
    this.#total += other.#total
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }

  /** Not a number when there are no values. `share`: 0.5 for the median. */
  percentile(share: number): number {
    if (this.#total === 0) return Number.NaN
    const wanted = Math.max(1, Math.ceil(this.#total * share))
    let seen = 0
    for (let at = 0; at < buckets; at++) {
      seen += this.#counts[at] as number
      if (seen >= wanted) return at === 0 ? 0.5 : 2 ** ((at - 0.5) / perDoubling)
    }
    return Number.NaN
  }
}

const perDoubling = 4
/** Up to 2^40, in steps of a quarter of a doubling. */
const buckets = 160
