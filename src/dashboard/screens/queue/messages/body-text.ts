/** How a body is shown: JSON and XML indented, other text as it is, bytes as hex. */
export interface BodyText {
  readonly kind: 'JSON' | 'XML' | 'Text' | 'Bytes' | 'Empty'
  readonly text: string
}

const strict = new TextDecoder('utf-8', { fatal: true })

export const bodyText = (bytes: Uint8Array, contentType: string | null): BodyText => {
  if (bytes.length === 0) return { kind: 'Empty', text: '' }
  const text = readText(bytes)
  if (text === undefined) return { kind: 'Bytes', text: hexDump(bytes) }
  return shownText(text, contentType)
}

export const shownText = (text: string, contentType: string | null): BodyText => {
  const json = indentedJson(text)
  if (json !== undefined && (/json/i.test(contentType ?? 'json') || /^\s*[[{]/.test(text))) {
    return { kind: 'JSON', text: json }
  }
  if (/^\s*<[?!a-z]/i.test(text) && /xml|html|^$/i.test(contentType ?? ''))
    return { kind: 'XML', text: indentedXml(text) }
  return { kind: 'Text', text }
}

/** Undefined when it is not text, or holds what no text does. */
const readText = (bytes: Uint8Array): string | undefined => {
  try {
    const text = strict.decode(bytes)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** Token by token, so that long numbers and repeated names stay as they were sent. */
export const indentedJson = (text: string): string | undefined => {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  let out = ''
  let depth = 0
  const line = () => `\n${'  '.repeat(depth)}`
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === '{' || token === '[') {
      depth++
      out += token + line()
    } else if (token === '}' || token === ']') {
      depth--
      const opened = token === '}' ? '{' : '['
      const bare = out.trimEnd()
      out = bare.endsWith(opened) ? bare + token : out + line() + token
    } else if (token === ',') {
      out += token + line()
    } else if (token === ':') {
      out += ': '
    } else {
      out += token
    }
  }
  return out
}

export const indentedXml = (text: string): string => {
  const pieces = text.match(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>|[^<]+/g) ?? []
  const lines: string[] = []
  let depth = 0
  let open = false
  for (const piece of pieces) {
    const trimmed = piece.trim()
    if (trimmed === '') continue
    const isEnd = trimmed.startsWith('</')
    const isStart = /^<[^/?!]/.test(trimmed) && !trimmed.endsWith('/>')
    if (isEnd) depth = Math.max(0, depth - 1)
    // The end of an element that holds text only, or nothing, stays on its line.
    if (isEnd && open) lines[lines.length - 1] += trimmed
    else if (!trimmed.startsWith('<') && open) lines[lines.length - 1] += trimmed
    else lines.push('  '.repeat(depth) + trimmed)
    open = isStart || (open && !trimmed.startsWith('<'))
    if (isStart) depth++
  }
  return lines.join('\n')
}

const bytesALine = 16

export const hexDump = (bytes: Uint8Array): string => {
  const lines: string[] = []
  for (let start = 0; start < bytes.length; start += bytesALine) {
    const some = bytes.subarray(start, start + bytesALine)
    const hex = Array.from(some, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const plain = Array.from(some, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${start.toString(16).padStart(8, '0')}  ${hex.padEnd(bytesALine * 3 - 1)}  ${plain}`)
  }
  return lines.join('\n')
}
