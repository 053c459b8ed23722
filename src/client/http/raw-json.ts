/**
 * Finds the text of members of a JSON document that has been parsed already, so that numbers a JavaScript number cannot
 * hold are not lost. The document is known to be valid.
 */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Of each object in the array `list` of the document: where the values of the wanted members stand. */
export const memberSpans = (text: string, list: string, wanted: ReadonlySet<string>): ReadonlyMap<string, Span>[] => {
  const found: Map<string, Span>[] = []
  eachMember(text, skipSpace(text, 0), (name, start) => {
    if (name !== list) return skipValue(text, start)
    return eachElement(text, start, (element) => {
      const spans = new Map<string, Span>()
      found.push(spans)
      return eachMember(text, element, (member, value) => {
        const end = skipValue(text, value)
        if (wanted.has(member)) spans.set(member, { start: value, end })
        return end
      })
    })
  })
  return found
}

/** Calls back with the name and the start of the value of each member; returns where the object ends. */
export const eachMember = (text: string, start: number, member: (name: string, value: number) => number): number => {
  let at = skipSpace(text, start + 1)
  while (text[at] !== '}') {
    const nameEnd = skipString(text, at)
    const name: unknown = JSON.parse(text.slice(at, nameEnd))
    const value = skipSpace(text, skipSpace(text, nameEnd) + 1)
    at = skipSeparator(text, member(String(name), value))
  }
  return at + 1
}

const eachElement = (text: string, start: number, element: (value: number) => number): number => {
  let at = skipSpace(text, start + 1)
  while (text[at] !== ']') at = skipSeparator(text, element(at))
  return at + 1
}

export const skipSpace = (text: string, from: number): number => {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

/** A comma, if there is one, and the space around it. */
const skipSeparator = (text: string, from: number): number => {
  const at = skipSpace(text, from)
  return text[at] === ',' ? skipSpace(text, at + 1) : at
}

const skipString = (text: string, start: number): number => {
  let quote = text.indexOf('"', start + 1)
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1)
  return quote + 1
}

/** Behind an odd number of backslashes. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at - 1
  while (text[before] === '\\') before--
  return (at - before) % 2 === 0
}

export const skipValue = (text: string, start: number): number => {
  switch (text[start]) {
    case '"':
      return skipString(text, start)
    case '{':
    case '[':
      return skipNested(text, start)
    default:
      return skipPrimitive(text, start)
  }
}

const skipPrimitive = (text: string, start: number): number => {
  let at = start
  while (at < text.length && !endsPrimitive(text.charCodeAt(at))) at++
  return at
}

/** Space, comma or a closing bracket. */
const endsPrimitive = (code: number): boolean => code <= 0x20 || code === 0x2c || code === 0x5d || code === 0x7d

/** Without recursion: a body may be nested as deep as it likes. */
const skipNested = (text: string, start: number): number => {
  let depth = 0
  let at = start
  do {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = skipString(text, at)
      continue
    }
    if (code === 0x7b || code === 0x5b) depth++
    else if (code === 0x7d || code === 0x5d) depth--
    at++
  } while (depth > 0)
  return at
}
