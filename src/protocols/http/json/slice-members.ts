import { JsonScanner } from './scan.ts'
import { eachMember, good, JsonSyntaxError } from './slice-batch.ts'

/**
 * The members of a JSON object, each with its text as it was sent: a part of the bytes. As in `JSON.parse`, the last of several members of
 * one name counts. Null when the bytes are JSON, but not an object; throws a `JsonSyntaxError` when they are not JSON.
 */
export const sliceMembers = (bytes: Buffer): ReadonlyMap<string, Buffer> | null => {
  const scanner = new JsonScanner(bytes)
  const members = new Map<string, Buffer>()
  const start = scanner.skipSpace(0)
  const isObject = bytes[start] === openBrace
  const behind = isObject
    ? eachMember(scanner, bytes, start, (name, from) => {
        const to = good(scanner.skipValue(from, 0))
        members.set(name, bytes.subarray(from, to))
        return to
      })
    : good(scanner.skipValue(start, 0))
  const end = scanner.skipSpace(behind)
  if (end !== bytes.length) throw new JsonSyntaxError(end)
  return isObject ? members : null
}

const openBrace = 0x7b
