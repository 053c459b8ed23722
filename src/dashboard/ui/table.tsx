import type { ReactNode } from 'react'

interface TableProps {
  readonly label: string
  readonly headings: readonly string[]
  /** A last column, of buttons, needs no heading that is seen. */
  readonly hasActions?: boolean
  /** Its rows. */
  readonly children: ReactNode
}

/** Scrolls by itself where it is wider than its place; by keyboard too. */
export const Table = ({ label, headings, hasActions = false, children }: TableProps) => (
  <div className="scroll" tabIndex={0} role="group" aria-label={label}>
    <table className="plain">
      <thead>
        <tr>
          {headings.map((heading) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
          {hasActions && (
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
)
