/** The order of PostgreSQL's collation "C" over UTF-8: by code points, where JavaScript compares UTF-16 units. */
export const codePointOrder = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // Surrogates stand for what lies beyond U+FFFF.
    const xBeyond = x >= 0xd800 && x <= 0xdfff
    const yBeyond = y >= 0xd800 && y <= 0xdfff
    return xBeyond === yBeyond ? x - y : xBeyond ? 1 : -1
  }
  return a.length - b.length
}

/** A name as a text column can hold it: U+0000 is none of its characters. Keeps the order. */
export const escapeNul = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
  name.replace(/[\u0000\u0001]/g, (character) => (character === '\u0000' ? '\u0001\u0001' : '\u0001\u0002'))

export const unescapeNul = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
  text.replace(/\u0001([\u0001\u0002])/g, (_pair, second) => (second === '\u0001' ? '\u0000' : '\u0001'))
