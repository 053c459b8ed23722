import type { DeliveryType } from '../../client/index.ts'
import { typeNames } from '../types.ts'

/** What the filter row holds, as it stands in the page's address. */
export interface Filter {
  readonly type: DeliveryType | ''
  readonly when: When
  /** With `between`: local times as date fields have them, `2026-03-01T08:20`; may be empty. */
  readonly from: string
  readonly to: string
  readonly id: string
  readonly reason: string
  readonly body: string
  readonly holder: string
}

export const whens = {
  any: 'Any',
  hour: 'Last hour',
  today: 'Today',
  yesterday: 'Yesterday',
  week: 'Last 7 days',
  between: 'Between…',
} as const
export type When = keyof typeof whens

export const noFilter: Filter = { type: '', when: 'any', from: '', to: '', id: '', reason: '', body: '', holder: '' }

const texts = ['from', 'to', 'id', 'reason', 'body', 'holder'] as const

export const filterOf = (query: URLSearchParams): Filter => {
  const type = query.get('type') ?? ''
  const when = query.get('when') ?? ''
  const filter: { -readonly [Name in keyof Filter]: Filter[Name] } = {
    ...noFilter,
    type: Object.hasOwn(typeNames, type) ? (type as DeliveryType) : '',
    when: Object.hasOwn(whens, when) ? (when as When) : 'any',
  }
  for (const name of texts) filter[name] = query.get(name) ?? ''
  return filter
}

/** Only what says something. */
export const queryOf = (filter: Filter): Record<string, string | undefined> => {
  const query: Record<string, string | undefined> = { type: filter.type || undefined }
  if (filter.when !== 'any') query.when = filter.when
  for (const name of texts) {
    const isTime = name === 'from' || name === 'to'
    if (filter[name] !== '' && (!isTime || filter.when === 'between')) query[name] = filter[name]
  }
  return query
}

export const isFiltered = (filter: Filter): boolean => Object.values(queryOf(filter)).some((value) => value)

/** Whether messages come to match it, or no longer do, after they were sent. */
export const isOfState = ({ type, reason, holder }: Filter): boolean => type !== '' || reason !== '' || holder !== ''

const dayMs = 86_400_000

/** The times that are meant, by the clock and in the zone of whoever looks. */
export const timesOf = (
  { when, from, to }: Pick<Filter, 'when' | 'from' | 'to'>,
  now: number,
): { sentFrom?: number; sentBefore?: number } => {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  switch (when) {
    case 'any':
      return {}
    case 'hour':
      return { sentFrom: now - 3_600_000 }
    case 'today':
      return { sentFrom: midnight }
    case 'yesterday':
      // Days on which the clocks change are not 24 hours long.
      return { sentFrom: new Date(midnight - dayMs / 2).setHours(0, 0, 0, 0), sentBefore: midnight }
    case 'week':
      return { sentFrom: now - 7 * dayMs }
    case 'between': {
      const [first, last] = [Date.parse(from), Date.parse(to)]
      return {
        ...(Number.isNaN(first) ? {} : { sentFrom: first }),
        // Fields have minutes: the one that is named is meant to be in.
        ...(Number.isNaN(last) ? {} : { sentBefore: last + 60_000 }),
      }
    }
  }
}
