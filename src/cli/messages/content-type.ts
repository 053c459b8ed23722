/** `application/json`, `application/problem+json`, with parameters or without. */
export const isJsonType = (contentType: string | null | undefined): boolean =>
  /^[^;]*[/+]json\s*(;|$)/i.test(contentType ?? '')
