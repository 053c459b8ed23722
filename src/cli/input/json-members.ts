import { eachMember, skipSpace, skipValue } from '../../client/http/raw-json.ts'

/**
 * The members of an object in JSON text, each as the very text that stands there: parsing and writing it again would
 * change long numbers, white space and the order of names. The text has to be a valid JSON object; of members with the
 * same name the last one counts, as with `JSON.parse`.
 */
export const jsonMembers = (text: string): Map<string, string> => {
  const members = new Map<string, string>()
  eachMember(text, skipSpace(text, 0), (name, start) => {
    const end = skipValue(text, start)
    members.set(name, text.slice(start, end))
    return end
  })
  return members
}
