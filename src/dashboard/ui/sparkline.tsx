interface SparklineProps {
  /** The oldest first, evenly spaced. */
  readonly values: readonly number[]
  /** A second line in another colour. */
  readonly other?: readonly number[]
  readonly label: string
  readonly width?: number
  readonly height?: number
}

/** A small chart without axes; what it shows is written beside it. */
export const Sparkline = ({ values, other, label, width = 96, height = 22 }: SparklineProps) => {
  const top = Math.max(1, ...values, ...(other ?? []))
  return (
    <svg
      className="spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path d={area(values, top, width, height)} className="area" />
      <path d={line(values, top, width, height)} className="line" />
      {other && <path d={line(other, top, width, height)} className="line other" />}
    </svg>
  )
}

const line = (values: readonly number[], top: number, width: number, height: number): string => {
  if (values.length < 2) return `M0 ${height - 1}H${width}`
  const step = width / (values.length - 1)
  return values
    .map((value, at) => {
      const y = height - 1 - (value / top) * (height - 3)
      return `${at === 0 ? 'M' : 'L'}${(at * step).toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}

const area = (values: readonly number[], top: number, width: number, height: number): string =>
  values.length < 2 ? '' : `${line(values, top, width, height)}L${width} ${height}L0 ${height}Z`
