import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Millis } from '../../core/clock.ts'
import type { AccountVersions } from '../../core/identity/identity.ts'
import { accountNameFault } from '../../core/identity/model.ts'
import { headerText } from '../http/latin1.ts'

/** What a pre-signed URL lets anybody do who has it. */
export interface Signed {
  readonly paths: readonly string[]
  readonly methods: readonly string[]
  readonly project: string
  /** A time of UTC in the form of ISO 8601, without a zone. */
  readonly expires: string
}

/** Signs in the way of Zaqar's, with a key of this server, and for the account that has the project's name at the time. */
export class SignedUrls {
  readonly #key: Uint8Array
  readonly #accounts: AccountVersions

  constructor(serverKey: Uint8Array, accounts: AccountVersions) {
    this.#accounts = accounts
    this.#key = new Uint8Array(hkdfSync('sha256', serverKey, '', 'millrace cloud queues signed urls', 32))
  }

  async sign({ paths, methods, project, expires }: Signed): Promise<string> {
    const version = (await this.#accounts.accountVersion(project)) ?? ''
    // The lines are joined by a backslash and an n, as in the original, which has no last one.
    const text = [sorted(paths), sorted(methods), project, expires, version].join('\\n')
    return createHmac('sha256', this.#key).update(text).digest('hex')
  }

  /** The project that a request with these headers may act in; undefined when it may not. */
  async projectFor(
    headers: IncomingHttpHeaders,
    method: string,
    path: string,
    now: Millis,
  ): Promise<string | undefined> {
    const signature = text(headers['url-signature'])
    const expires = text(headers['url-expires'])
    const named = text(headers['x-project-id'])
    const project = headerText(named) ?? named
    const methods = text(headers['url-methods']).split(',')
    const paths = text(headers['url-paths']).split(',')
    const end = timeOf(expires)
    // Or what was signed as the name of a project could be shown as methods, and as another project.
    if ([...methods, ...paths].some((part) => part.includes('\\'))) return undefined
    if (end === undefined || end <= now || !methods.includes(method)) return undefined
    if (accountNameFault(project) !== undefined) return undefined
    if (!paths.some((allowed) => path === allowed || path.startsWith(`${allowed}/`))) return undefined
    const wanted = Buffer.from(await this.sign({ paths, methods, project, expires }))
    const given = Buffer.from(signature)
    return given.length === wanted.length && timingSafeEqual(given, wanted) ? project : undefined
  }
}

const sorted = (items: readonly string[]): string => [...items].sort().join(',')
const text = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '')

/** Undefined when it is no time. Without a zone it is UTC. */
export const timeOf = (iso: string): Millis | undefined => {
  if (!isoForm.test(iso)) return undefined
  const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) ? iso : `${iso}Z`)
  return Number.isNaN(time) ? undefined : time
}

const isoForm = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?$/i
