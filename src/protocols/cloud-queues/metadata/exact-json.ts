/** Values of JSON whose numbers keep the text that they were written as: large integers, `1.0`. `JSON.stringify` writes it again. */
export const parseExactly = (text: string): unknown =>
  JSON.parse(text, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    return typeof value === 'number' && source !== undefined && String(value) !== source ? rawJson(source) : value
  })

const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown }
