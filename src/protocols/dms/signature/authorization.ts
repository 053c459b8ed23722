/** What an `Authorization` header of the scheme SDK-HMAC-SHA256 says. */
export interface Authorization {
  readonly accessKey: string
  /** The older form: the date, region and service that the key was made for. Absent: the key is the secret itself. */
  readonly scope?: { readonly date: string; readonly region: string; readonly service: string }
  /** In the order in which they were signed. */
  readonly signedHeaders: string
  readonly signature: string
}

export const scheme = 'SDK-HMAC-SHA256'

/** Two forms bear the same name; the first parameter tells them apart. */
export const parseAuthorization = (header: string): Authorization | undefined => {
  const parts = form.exec(header)
  if (!parts) return undefined
  const [, name, credential = '', signedHeaders = '', signature = ''] = parts
  const rest = { signedHeaders, signature: signature.toLowerCase() }
  if (name === 'Access') return { accessKey: credential, ...rest }
  // Region and service may be empty, and a key's id holds no slash.
  const scoped = credentialForm.exec(credential)
  if (!scoped) return undefined
  const [, accessKey = '', date = '', region = '', service = ''] = scoped
  return { accessKey, scope: { date, region, service }, ...rest }
}

const form =
  /^SDK-HMAC-SHA256\s+(Access|Credential)=([^\s,]+)\s*,\s*SignedHeaders=([^\s,]*)\s*,\s*Signature=([0-9A-Fa-f]{64})\s*$/
const credentialForm = /^([^/]+)\/(\d{8})\/([^/]*)\/([^/]*)\/sdk_request$/
