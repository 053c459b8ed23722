/** Lets a few pieces of work run at once, and some more wait for their turn. */
export class Turnstile {
  readonly #atOnce: number
  readonly #mayWait: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ atOnce, mayWait }: { atOnce: number; mayWait: number }) {
    this.#atOnce = atOnce
    this.#mayWait = mayWait
  }

  /** Undefined, at once, when too many wait already. */
  pass<Result>(work: () => Promise<Result>): Promise<Result> | undefined {
    if (this.#running >= this.#atOnce && this.#waiting.length >= this.#mayWait) return undefined
    return this.#pass(work)
  }

  async #pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
