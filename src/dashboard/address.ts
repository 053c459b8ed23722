/** The address of the page, as screens read and change it. */
import { useMemo, useSyncExternalStore } from 'react'

/** Where the app's own addresses begin: what the server put into the page's `<base>`. */
const base = new URL(document.baseURI).pathname
const listeners = new Set<() => void>()

const tell = (): void => {
  for (const listener of listeners) listener()
}
window.addEventListener('popstate', tell)

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export interface Place {
  /** Decoded parts of the path: `['queues', 'default', 'orders']`; none for the overview. */
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

export const usePlace = (): Place => {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search)
  return useMemo(() => placeOf(href), [href])
}

const placeOf = (href: string): Place => {
  const url = new URL(href, location.origin)
  const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : ''
  return { parts: path.split('/').filter(Boolean).map(decode), query: url.searchParams }
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address of a screen: parts of its path, and what it is asked for. */
export const addressOf = (
  parts: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  const text = search.toString()
  return base + parts.map(encodeURIComponent).join('/') + (text && `?${text}`)
}

export const go = (address: string, { replace = false }: { replace?: boolean } = {}): void => {
  if (replace) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  if (!replace) scrollTo(0, 0)
  tell()
}
