import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import { isObject, none, parseJson } from './values.ts'

/** A JSON object, or the name of a file that holds one; or none. */
export const jsonOrNone = (text: string): Record<string, unknown> | typeof none => {
  if (text === 'none') return none
  const value = parseJson(text.trimStart().startsWith('{') ? text : read(text))
  if (isObject(value)) return value
  throw new InvalidArgumentError('Give a JSON object, or the name of a file that holds one.')
}

/** The URL alone, for a target with defaults; or the whole target as JSON, in a file or not; or none. */
export const pushTargetOrNone = (text: string): Record<string, unknown> | typeof none =>
  /^https?:/i.test(text) ? { url: text } : jsonOrNone(text)

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError(`${file} cannot be read: ${(error as Error).message}`)
  }
}
