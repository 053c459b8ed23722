import { fit, widthOf } from './text.ts'

export interface Column<Row> {
  readonly header: string
  readonly value: (row: Row) => string
  readonly align?: 'left' | 'right'
  /** Takes what room is left, and is cut to it. At most one column of a table. */
  readonly flexible?: boolean
}

const gap = '  '
const narrowest = 8

/** The lines of a table, headings first. `width`: columns of the terminal; absent: nothing is cut. */
export const tableLines = <Row>(rows: readonly Row[], columns: readonly Column<Row>[], width?: number): string[] => {
  const cells = rows.map((row) => columns.map((column) => column.value(row)))
  const lines = [columns.map((column) => column.header), ...cells]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))

  const flexible = columns.findIndex((column) => column.flexible)
  if (width !== undefined && flexible >= 0) {
    const others = widths.reduce((sum, each, index) => (index === flexible ? sum : sum + each + gap.length), 0)
    widths[flexible] = Math.min(widths[flexible] ?? 0, Math.max(narrowest, width - others))
  }

  return lines.map((line) =>
    columns
      .map((column, index) => {
        const room = widths[index] ?? 0
        const text = column.flexible ? fit(line[index] ?? '', room) : (line[index] ?? '')
        const padding = ' '.repeat(Math.max(0, room - widthOf(text)))
        return column.align === 'right' ? padding + text : text + padding
      })
      .join(gap)
      .trimEnd(),
  )
}

/** One thing with its properties, names on the left. */
export const propertyLines = (properties: readonly (readonly [name: string, value: string])[]): string[] => {
  const width = Math.max(0, ...properties.map(([name]) => widthOf(name)))
  return properties.map(([name, value]) => {
    const [first = '', ...more] = value.split('\n')
    const indent = ' '.repeat(width + gap.length)
    return [
      `${name}${' '.repeat(width - widthOf(name))}${gap}${first}`.trimEnd(),
      ...more.map((line) => indent + line),
    ].join('\n')
  })
}
