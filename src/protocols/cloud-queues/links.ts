import type { Call } from './operation.ts'

type Place = Pick<Call, 'base' | 'queue'>

/** Links are paths without a host, below what the client's own path began with. */
export const queueLink = ({ base }: Pick<Call, 'base'>, queue: string): string =>
  `${base}/queues/${encodeURIComponent(queue)}`

export const messagesLink = (place: Place): string => `${queueLink(place, place.queue)}/messages`

/** The claim, if any, is the only parameter: clients take whatever follows the last equals sign for its id. */
export const messageLink = (messages: string, id: string, claim: string | null): string =>
  claim === null ? `${messages}/${id}` : `${messages}/${id}?claim_id=${claim}`

export const claimLink = (place: Place, claim: string): string => `${queueLink(place, place.queue)}/claims/${claim}`

/** The next page: the marker, and what the client said of this one. */
export const nextLink = (
  collection: string,
  marker: string,
  said: Readonly<Record<string, string | number | boolean | undefined>>,
): { readonly rel: 'next'; readonly href: string } => {
  let href = `${collection}?marker=${encodeURIComponent(marker)}`
  for (const [name, value] of Object.entries(said)) {
    if (value !== undefined) href += `&${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  }
  return { rel: 'next', href }
}

/** The request's path, perhaps with its query: what v1 names as the place of what it answers. */
export const contentLocation = ({ request }: Pick<Call, 'request'>, withQuery: boolean): readonly string[] => {
  const { url = '' } = request
  const end = url.indexOf('?')
  return ['Content-Location', withQuery || end < 0 ? url : url.slice(0, end)]
}
