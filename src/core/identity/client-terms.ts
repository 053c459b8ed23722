/**
 * Terms of a key that clients carry, in web pages too, where anyone can read it. Such a key is good only for APIs that keep to its
 * terms: it is no bearer token, and signs nothing.
 */
export interface ClientTerms {
  /** Whoever uses it has to be signed in as a user of the account. */
  readonly enforceSession: boolean
  /** Where web pages that use it may come from, see `domainFault`; empty: from anywhere, and programs may use it that are no page. */
  readonly authorizedDomains: readonly string[]
}

/** What is wrong with an authorised domain, if anything. */
export const domainFault = (domain: string): string | undefined =>
  domain.length <= 260 && /^(?:\*\.)?(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(domain)
    ? undefined
    : 'must be a host such as shop.example.com, *.example.com (any below it) or localhost:3000 (that port only)'

/** Whether a page may use the key that comes from `origin`, as browsers write it into the header of that name. */
export const isAuthorized = (origin: string, domains: readonly string[]): boolean => {
  const url = URL.parse(origin)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return domains.some((domain) => {
    const [, host = '', wanted] = /^(.*?)(?::(\d+))?$/.exec(domain.toLowerCase()) ?? []
    if (wanted !== undefined && wanted !== port) return false
    return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host
  })
}
