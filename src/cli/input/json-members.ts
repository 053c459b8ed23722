/**
 * The members of an object in JSON text, each as the very text that stands there: parsing and writing it again would
 * change long numbers, white space and the order of names. The text has to be a valid JSON object; of members with the
 * same name the last one counts, as with `JSON.parse`.
 */
export const jsonMembers = (text: string): Map<string, string> => {
  const members = new Map<string, string>()
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] === '"') {
    const nameEnd = endOfString(text, at)
    const name = String(JSON.parse(text.slice(at, nameEnd)))
    const start = skipSpace(text, text.indexOf(':', nameEnd) + 1)
    const end = endOfValue(text, start)
    members.set(name, text.slice(start, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

const skipSpace = (text: string, from: number): number => {
  let at = from
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at++
  return at
}

const endOfString = (text: string, quote: number): number => {
  let at = quote + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

const endOfValue = (text: string, start: number): number => {
  let depth = 0
  let at = start
  for (;;) {
    const character = text[at]
    if (character === '"') {
      at = endOfString(text, at)
      if (depth === 0) return at
      continue
    }
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      if (depth === 0) return trimSpace(text, at)
      depth--
      if (depth === 0) return at + 1
    } else if (character === ',' && depth === 0) return trimSpace(text, at)
    at++
  }
}

const trimSpace = (text: string, end: number): number => {
  let at = end
  while (' \t\n\r'.includes(text[at - 1] ?? '')) at--
  return at
}
