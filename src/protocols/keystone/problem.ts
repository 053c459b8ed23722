/** A refusal in the words of the identity API. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const badRequest = (message: string): Refused => new Refused(400, message)
export const unauthorized = (message = 'The request you have made requires authentication.'): Refused =>
  new Refused(401, message)
export const forbidden = (message: string): Refused => new Refused(403, message)
export const notFound = (message: string): Refused => new Refused(404, message)
export const tooMany = (): Refused => new Refused(429, 'Too many attempts with wrong passwords: try again later.')

const titles: Readonly<Record<number, readonly [title: string, rackspace: string]>> = {
  400: ['Bad Request', 'badRequest'],
  401: ['Unauthorized', 'unauthorized'],
  403: ['Forbidden', 'forbidden'],
  404: ['Not Found', 'itemNotFound'],
  405: ['Method Not Allowed', 'badMethod'],
  413: ['Request Entity Too Large', 'overLimit'],
  415: ['Unsupported Media Type', 'badMediaType'],
  429: ['Too Many Requests', 'overLimit'],
  503: ['Service Unavailable', 'serviceUnavailable'],
}

/** Keystone's form; for clients of Rackspace's the same again in theirs. */
export const problemBody = (code: number, message: string): object => {
  const [title, name] = titles[code] ?? ['Internal Server Error', 'identityFault']
  return { error: { code, title, message }, [name]: { code, message } }
}
