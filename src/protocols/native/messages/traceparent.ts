/** A trace context as W3C has it; any other is to be ignored. */
export const traceparentOf = (header: string | string[] | undefined): { traceparent: string } | undefined =>
  typeof header === 'string' && form.test(header) ? { traceparent: header } : undefined

const form = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/
