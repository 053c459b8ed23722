/** An exception, or whatever else was thrown or written, in words. */
export const eventText = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (value instanceof Error) return value.message === '' ? value.name : value.message
  return String(value)
}

/** What is longer is cut: it is for people to look at, and kept with the state of its message. */
const longestOutbound = 65_536

export const outboundText = (body: unknown): string => {
  const text = asText(body)
  return text.length <= longestOutbound ? text : `${text.slice(0, longestOutbound - 1).toWellFormed()}…`
}

const asText = (body: unknown): string => {
  if (typeof body === 'string') return body.toWellFormed()
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  return JSON.stringify(body) ?? String(body)
}
