/**
 * The path of a request below the API's root, as it came; undefined when it is none of this API's. Base URLs may end in a slash too many, and
 * those of hosted apps had an id in them (`/e:6124d1becc2932001a1afc9a/_api/…`), which says nothing here: the client key names the app.
 */
export const apiPathOf = (url: string): string | undefined => apiPath.exec(pathOf(url))?.[1]

const apiPath = /^\/+(?:e:[0-9a-f]{24}\/+)?_api(\/.*)?$/is

const pathOf = (url: string): string => {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  // A request through a proxy may name the whole address.
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
}

/** Whether a request is of this API, whatever is wrong with it. */
export const isAltogicRequest = ({ url }: { readonly url: string }): boolean => pathIsOurs.test(pathOf(url))

const pathIsOurs = /^\/+(?:e:[0-9a-f]{24}\/+)?_api(?:\/|$)/i

/** The value of a parameter of the query; undefined when it is not there, or is no UTF-8. */
export const queryParameter = (url: string, name: string): string | undefined => {
  const start = url.indexOf('?')
  return start < 0 ? undefined : (new URLSearchParams(url.slice(start + 1)).get(name) ?? undefined)
}
