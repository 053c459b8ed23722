import type { KeyboardEvent } from 'react'
import { type Filter, type When, whens } from '../../../data/filter.ts'
import { typeNames } from '../../../types.ts'

interface FilterCellProps {
  readonly column: string
  readonly filter: Filter
  /** `run`: with the change, the query is made anew. */
  readonly onChange: (change: Partial<Filter>, run: boolean) => void
  readonly onRun: () => void
}

const texts: Readonly<Record<string, { field: 'id' | 'reason' | 'body' | 'holder'; label: string }>> = {
  id: { field: 'id', label: 'Message ID contains' },
  event: { field: 'reason', label: 'Last event contains' },
}

/** What stands under the heading of a column, in the filter row. */
export const FilterCell = ({ column, filter, onChange, onRun }: FilterCellProps) => {
  const press = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Enter' || event.key === 'F5') {
      event.preventDefault()
      onRun()
    }
  }
  const text = texts[column]
  if (text) {
    return (
      <input
        className="input"
        aria-label={`${text.label}; * stands for anything`}
        placeholder="contains…"
        value={filter[text.field]}
        onChange={(event) => onChange({ [text.field]: event.target.value }, false)}
        onKeyDown={press}
      />
    )
  }
  if (column === 'type') {
    return (
      <select
        className="select"
        aria-label="Type"
        value={filter.type}
        onChange={(event) => onChange({ type: event.target.value as Filter['type'] }, true)}
        onKeyDown={press}
      >
        <option value="">All</option>
        {Object.entries(typeNames).map(([letter, name]) => (
          <option key={letter} value={letter}>
            {name}
          </option>
        ))}
      </select>
    )
  }
  if (column === 'queued') {
    return (
      <select
        className="select"
        aria-label="Queued"
        value={filter.when}
        onChange={(event) => onChange({ when: event.target.value as When }, event.target.value !== 'between')}
        onKeyDown={press}
      >
        {Object.entries(whens).map(([when, name]) => (
          <option key={when} value={when}>
            {name}
          </option>
        ))}
      </select>
    )
  }
  return null
}
