/** As `JSON.parse`, but numbers that JavaScript cannot hold are written again to the letter by `JSON.stringify`. */
export const exactJson = (text: string): unknown =>
  JSON.parse(text, (_name: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? rawJson(context.source)
      : value,
  )

/** In the language since ES2026, and in Node.js before that. */
const { rawJSON: rawJson } = JSON as JSON & { rawJSON(text: string): unknown }
