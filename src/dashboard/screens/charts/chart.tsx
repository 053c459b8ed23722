// Before the library, which writes numbers in the browser's language.
import '../../locale.ts'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useShade } from '../../theme.ts'

export interface Line {
  readonly name: string
  /** A colour's name among the tokens: `--q`. */
  readonly color: string
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  readonly title: string
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  readonly format: (value: number) => string
  /** Differences between its marks, of which one is chosen. As `format` writes them no two are alike. */
  readonly steps: readonly number[]
  /** What the chart reaches up to at least, so that next to nothing does not look like much. */
  readonly least: number
}

const height = 190

/** A chart over time. What it shows last is written in its caption, for those who cannot see it. */
export const Chart = ({ title, times, lines, format, steps, least }: ChartProps) => {
  const place = useRef<HTMLDivElement>(null)
  const shade = useShade()
  const names = lines.map(({ name, color }) => `${name} ${color}`).join('\n')
  const plot = useRef<uPlot>(undefined)
  const data = [times.map((time) => time / 1000), ...lines.map(({ values }) => [...values])] as uPlot.AlignedData
  const latest = useRef({ data, lines, format })
  latest.current = { data, lines, format }

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page, so another shade needs another plot.
  useEffect(() => {
    const element = place.current
    if (!element) return
    const style = getComputedStyle(document.documentElement)
    const probe = document.createElement('span')
    element.append(probe)
    const colorOf = (token: string): string => {
      probe.style.color = `var(${token})`
      return getComputedStyle(probe).color
    }
    const axis = {
      stroke: colorOf('--muted'),
      grid: { stroke: colorOf('--line'), width: 1 },
      ticks: { show: false },
      font: `11px ${style.getPropertyValue('--font')}`,
    }
    const options: uPlot.Options = {
      width: widthIn(element),
      height,
      legend: { show: false },
      // The last time below the chart is half beyond it.
      padding: [null, 26, null, null],
      cursor: { points: { size: 6 } },
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(least, most * 1.1)] } },
      axes: [
        {
          ...axis,
          size: 30,
          values: (_plot, ticks) => ticks.map((tick) => clock(tick, ticks)),
        },
        {
          ...axis,
          incrs: [...steps],
          size: (plot, labels) => Math.max(58, widest(plot, labels) + 20),
          values: (_plot, ticks) => ticks.map((tick) => latest.current.format(tick)),
        },
      ],
      series: [
        {},
        ...latest.current.lines.map(({ name, color }) => ({
          label: name,
          stroke: colorOf(color),
          width: 1.6,
          // A line has two ends; what is alone is a point.
          points: {
            show: false,
            size: 4,
            fill: colorOf(color),
            filter: (plot: uPlot, series: number) => lonely(plot.data[series] ?? []),
          },
          spanGaps: false,
        })),
      ],
    }
    probe.remove()
    const made = new uPlot(options, latest.current.data, element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: widthIn(element), height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [names, shade])

  useEffect(() => plot.current?.setData(data))

  return (
    <figure className="panel chart">
      <figcaption>
        <h3>{title}</h3>
        {lines.map(({ name, color, values }) => (
          <span key={name} className="legend">
            <span className="swatch" style={{ background: `var(${color})` }} />
            {name}
            <strong>{last(values, format)}</strong>
          </span>
        ))}
      </figcaption>
      <div ref={place} className="plot" aria-hidden="true" />
    </figure>
  )
}

/** What it is drawn in is inside of the padding. */
const widthIn = (element: HTMLElement): number => {
  const { paddingLeft, paddingRight } = getComputedStyle(element)
  return Math.max(200, element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight))
}

const widest = (plot: uPlot, labels: readonly string[] | null): number =>
  Math.max(0, ...(labels ?? []).map((label) => plot.ctx.measureText(label).width / devicePixelRatio))

const lonely = (values: ArrayLike<number | null | undefined>): number[] =>
  Array.from(values).flatMap((value, at) =>
    isThere(value) && !isThere(values[at - 1]) && !isThere(values[at + 1]) ? [at] : [],
  )

const isThere = (value: number | null | undefined): value is number => value !== null && value !== undefined

/** Seconds too, where several marks are of the same minute. */
const clock = (tick: number, ticks: readonly number[]): string =>
  new Date(tick * 1000).toTimeString().slice(0, (ticks[1] ?? 60) - (ticks[0] ?? 0) < 60 ? 8 : 5)

const last = (values: readonly (number | null)[], format: (value: number) => string): string => {
  const value = values.findLast((some) => some !== null)
  return value === undefined || value === null ? '–' : format(value)
}
