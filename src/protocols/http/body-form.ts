export const isJsonType = (contentType: string): boolean => jsonType.test(contentType)

const jsonType = /^(?:application|text)\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i

/** How the body of a message stands in a JSON answer, if its bytes allow. */
export type BodyForm = 'json' | 'text' | 'bytes'

const remembered = new Map<string, BodyForm>()
const mostRemembered = 1000

export const bodyForm = (contentType: string | null): BodyForm => {
  if (contentType === null) return 'text'
  const known = remembered.get(contentType)
  if (known) return known
  const form = isJsonType(contentType) ? 'json' : textType.test(contentType) ? 'text' : 'bytes'
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(contentType, form)
  return form
}

/** Text by its type, and what forms and XML are made of. */
const textType = /^(?:text\/|application\/(?:x-www-form-urlencoded|xml|[\w!#$&^.+-]+\+xml)\s*(?:;|$))/i
