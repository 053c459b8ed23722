/** The latest steps of several values each: older ones make room, and steps in which nothing was recorded stay empty. */
export class Ring {
  readonly stepMs: number
  readonly #size: number
  readonly #width: number
  readonly #values: Float32Array
  /** The latest step recorded, counted since 1970. */
  #last = -1

  constructor({ stepMs, size, width }: { stepMs: number; size: number; width: number }) {
    this.stepMs = stepMs
    this.#size = size
    this.#width = width
    this.#values = new Float32Array(size * width).fill(Number.NaN)
  }

  get last(): number {
    return this.#last
  }

  put(step: number, values: readonly number[]): void {
    if (step <= this.#last - this.#size) return
    const from = Math.max(this.#last + 1, step - this.#size + 1)
    for (let skipped = from; skipped < step; skipped++) this.#at(skipped).fill(Number.NaN)
    this.#at(step).set(values)
    this.#last = Math.max(this.#last, step)
  }

  /** The values of one column for the steps up to `until`; null where there are none. */
  column(index: number, until: number): (number | null)[] {
    return Array.from({ length: this.#size }, (_, at) => {
      const step = until - this.#size + 1 + at
      if (step > this.#last || step <= this.#last - this.#size) return null
      const value = this.#at(step)[index] as number
      return Number.isNaN(value) ? null : Math.round(value * 1000) / 1000
    })
  }

  save(): { last: number; values: string } {
    return { last: this.#last, values: Buffer.from(this.#values.buffer).toString('base64') }
  }

  /** What an earlier process saved; of another shape, it is left alone. */
  load({ last, values }: { last: number; values: string }): void {
    const bytes = Buffer.from(values, 'base64')
    if (bytes.byteLength !== this.#values.byteLength || this.#last >= last) return
    this.#values.set(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)))
    this.#last = last
  }

  #at(step: number): Float32Array {
    const start = (step % this.#size) * this.#width
    return this.#values.subarray(start, start + this.#width)
  }
}
