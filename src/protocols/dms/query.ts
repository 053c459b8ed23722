import { type Code, Refused } from './problems.ts'

/** The query of a URL as clients of this API write them: stray separators are nothing, and an empty value is none. */
export class Query {
  readonly #values = new Map<string, string[]>()

  constructor(search: string) {
    for (const [name, value] of pairsOf(search, decode)) {
      if (value === '') continue
      const before = this.#values.get(name)
      if (before) before.push(value)
      else this.#values.set(name, [value])
    }
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  one(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  /** In any spelling. */
  flag(name: string, standard: boolean): boolean {
    const value = this.one(name)
    return value === undefined ? standard : truths.has(value.trim().toLowerCase())
  }

  whole(name: string, range: { min: number; max: number; standard: number; code: Code }): number {
    const text = this.one(name)
    if (text === undefined) return range.standard
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= range.min && value <= range.max) return value
    throw new Refused(range.code)
  }
}

const truths: ReadonlySet<string> = new Set(['true', '1', 'yes', 'on', 't', 'y'])

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new Refused(10540014)
  }
}

/** Names and values of what stands behind the question mark. */
export const pairsOf = (search: string, decoded: (text: string) => string): [string, string][] =>
  search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      if (equals < 0) return [decoded(pair), '']
      return [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))]
    })
