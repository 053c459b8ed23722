/** Text from messages and names, as it may be shown on a terminal: escape sequences in it must not reach the terminal. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escapeSequence)

/** As `printable`, but lines stay lines. */
export const printableLines = (text: string): string => text.split(/\r?\n/).map(printable).join('\n')

const escapeSequence = (character: string): string => {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u

const columnsOf = (grapheme: string): number => (wide.test(grapheme) ? 2 : 1)

/** Columns that a printable text takes on a terminal. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += columnsOf(segment)
  return width
}

/** The text, or as much of its beginning as fits, with an ellipsis. */
export const fit = (text: string, width: number): string => {
  // A grapheme takes at most two columns, so no more of a long text needs to be looked at.
  let taken = ''
  let used = 0
  for (const { segment } of graphemes.segment(text.slice(0, width * 8 + 64))) {
    const columns = columnsOf(segment)
    if (used + columns > width) return `${trimTo(taken, width - 1)}…`
    taken += segment
    used += columns
  }
  return taken.length < text.length ? `${trimTo(taken, width - 1)}…` : taken
}

const trimTo = (text: string, width: number): string => {
  let taken = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += columnsOf(segment)
    if (used > width) break
    taken += segment
  }
  return taken
}
