import { badParameter } from './answer.ts'

/** The parameters of a request's query, as clients of every kind write them. */
export class Query {
  readonly #values = new Map<string, string[]>()

  constructor(url: string) {
    const start = url.indexOf('?')
    if (start < 0) return
    for (const part of url.slice(start + 1).split('&')) {
      if (part === '') continue
      const equals = part.indexOf('=')
      const name = decoded(equals < 0 ? part : part.slice(0, equals)).replace(/\[\d*\]$/, '')
      const value = equals < 0 ? '' : decoded(part.slice(equals + 1))
      const values = this.#values.get(name)
      if (values) values.push(value)
      else this.#values.set(name, [value])
    }
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The last of several; undefined also for one without a value, which says nothing. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1) || undefined
  }

  integer(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    if (!/^[+-]?\d{1,15}$/.test(text)) throw badParameter(name, 'an integer')
    return Number(text)
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = booleans.get(text.toLowerCase())
    if (value === undefined) throw badParameter(name, 'a boolean')
    return value
  }

  /** `a,b`, `a%2Cb`, `a` and `b` as several parameters, or any mixture of these. */
  list(name: string): string[] {
    return (this.#values.get(name) ?? []).flatMap((value) => value.split(',')).filter((entry) => entry !== '')
  }

  /** Every parameter with its last value. */
  *entries(): Generator<[string, string]> {
    for (const [name, values] of this.#values) yield [name, values.at(-1) ?? '']
  }
}

const booleans = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, false] as const),
])

/** A percent sign that begins no escape stands for itself. */
const decoded = (text: string): string => {
  if (!/[%+]/.test(text)) return text
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
