/** The server that this page came from. */
import { createClient, type Millrace } from '../../client/index.ts'

/** Where the server is: above the app's own addresses. */
const serverUrl = new URL('..', document.baseURI)

const clients = new Map<string, Millrace>()

/** A cookie counts only with a header that no page of another origin can send. */
const ownHeaders = { 'x-millrace-dashboard': '1' }

/** The client for one account. Sends and receives go out as they are asked for. */
export const accountClient = (account: string): Millrace => {
  const known = clients.get(account)
  if (known) return known
  const client = createClient({
    url: serverUrl,
    account,
    coalesce: false,
    headers: ownHeaders,
    fetch: (url, init) => fetch(url, { ...init, credentials: 'same-origin' }),
  })
  clients.set(account, client)
  return client
}

export interface Session {
  readonly state: 'open' | 'signed-in' | 'signed-out'
  readonly account: string
  /** The id of the key; null in open mode. */
  readonly name: string | null
  /** May see every account. */
  readonly admin: boolean
  readonly version: string
}

const sessionUrl = new URL('session', document.baseURI)

export const readSession = async (): Promise<Session> => {
  const answer = await fetch(sessionUrl, { headers: ownHeaders, credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`)
  return (await answer.json()) as Session
}

/** Resolves with what is wrong with the key, or undefined. */
export const signIn = async (key: string): Promise<string | undefined> => {
  const answer = await fetch(sessionUrl, {
    method: 'POST',
    headers: { ...ownHeaders, 'content-type': 'application/json' },
    credentials: 'same-origin',
    body: JSON.stringify({ key }),
  })
  if (answer.ok) return undefined
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string }
  return problem.detail ?? `The server answered ${answer.status}.`
}

export const signOut = async (): Promise<void> => {
  await fetch(sessionUrl, { method: 'DELETE', headers: ownHeaders, credentials: 'same-origin' })
}
