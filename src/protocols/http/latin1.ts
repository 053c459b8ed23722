/**
 * Answers are put together as strings that have one character for each byte ("latin1"): the raw bytes of bodies splice in
 * without decoding, the length is known, and node writes the string together with the header.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII is what is looked for.
const beyondAscii = /[^\x00-\x7f]/

export const utf8AsLatin1 = (text: string): string =>
  beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text

/** Back to text, for what goes out in another way. */
export const latin1AsUtf8 = (text: string): string =>
  beyondAscii.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text

/** A header's value, which node gives as latin1, as the UTF-8 that it may be. Undefined: it is neither that nor ASCII. */
export const headerText = (value: string): string | undefined => {
  if (!beyondAscii.test(value)) return value
  const text = Buffer.from(value, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? undefined : text
}
