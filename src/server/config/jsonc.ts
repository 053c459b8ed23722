import { jsonErrorAt } from '../../protocols/http/json/scan.ts'

/** JSON with comments in the two forms of JavaScript. Throws a `SyntaxError` that says where. */
export const parseJsonc = (text: string): unknown => {
  const bare = blankComments(text)
  try {
    return JSON.parse(bare)
  } catch (error) {
    throw new SyntaxError(`${whatOf(error as SyntaxError)} at ${placeIn(bare)}`)
  }
}

/** Comments become as much space, so that places stay where they are. */
const blankComments = (text: string): string =>
  text
    .replace(/^\uFEFF/, ' ')
    .replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (match) =>
      match.startsWith('"') ? match : match.replace(/[^\n]/g, ' '),
    )

/** The engine's message without the excerpt that it may hold, for that could be a secret. */
const whatOf = ({ message }: SyntaxError): string =>
  message.replace(/ (in JSON|after JSON|input|at position)[\s\S]*$|, "[\s\S]*$|, \.\.\.[\s\S]*$/, '') || 'Not JSON'

const placeIn = (text: string): string => {
  const bytes = Buffer.from(text)
  const before = bytes.subarray(0, Math.max(0, jsonErrorAt(bytes))).toString()
  const lines = before.split('\n')
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
