import type { DeliveryState, DeliveryType } from '../../core/delivery.ts'
import type { Outcome } from '../../core/store.ts'

/** Words that are kept as small numbers: their place in the list. Only ever add at the end. */
const code = <Word extends string>(words: readonly Word[]) => {
  const numbers = new Map(words.map((word, number) => [word, number]))
  return {
    number: (word: Word): number => numbers.get(word)!,
    word: (number: number): Word => words[number]!,
  }
}

export const stateCode = code<DeliveryState>(['ready', 'behind', 'delayed', 'leased', 'finished'])
export const typeCode = code<DeliveryType>(['Q', 'D', 'P', 'E', 'F', 'S'])
export const outcomeCode = code<Outcome>([
  'deleted',
  'processed',
  'filtered',
  'errored',
  'shelved',
  'expired',
  'purged',
  'dead-letter',
])

export const toJson = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value)

export const fromJson = <Value>(text: string | null): Value | null =>
  text === null ? null : (JSON.parse(text) as Value)

/** The least string that comes after every string with this prefix, in code point order; undefined: there is none. */
export const afterPrefix = (prefix: string): string | undefined => {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return undefined
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}
