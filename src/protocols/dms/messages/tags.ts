import { Refused } from '../problems.ts'

const mostTags = 3

/** The tags of a message, or of a consumer. */
export const checkTags = (tags: readonly unknown[]): readonly string[] => {
  if (tags.length > mostTags) throw new Refused(10240004, `There may be at most ${mostTags} tags.`)
  return tags.map((tag) => {
    if (typeof tag === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(tag)) return tag
    throw new Refused(10240004, 'The tag name is invalid: it has 1 to 64 letters, digits, hyphens and underscores.')
  })
}
