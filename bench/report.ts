import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import type { Figure } from './measure.ts'

/** The figures of one state of the store. */
export interface Section {
  readonly title: string
  readonly figures: readonly Figure[]
}

export const line = (figure: Figure): string => {
  const { name, value, unit, against, wanted, lessIsBetter } = figure
  const reached = wanted === undefined || (lessIsBetter ? value <= wanted : value >= wanted)
  const goal =
    wanted === undefined ? '' : `  (wanted: ${lessIsBetter ? 'at most' : 'at least'} ${number(wanted)})${mark(reached)}`
  const share = against
    ? `  = ${(against.ratio * 100).toFixed(0)} % of ${against.name}, ${number(against.value)} (wanted: ${(against.wanted * 100).toFixed(0)} %)${mark(against.ratio >= against.wanted)}`
    : ''
  return `${name}: ${number(value)} ${unit}${goal}${share}`
}

const mark = (reached: boolean): string => (reached ? '' : ' NOT REACHED')

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 })

export const machine = (): string => {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${processors.length} cores (${processors[0]?.model.trim() ?? 'unknown'}), ${memory} GiB, ${platform()} ${release()} ${arch()}, Node.js ${process.version}`
}

/** Replaces what stands between the two marks of the page. */
export const writeReport = (page: URL, sections: readonly Section[], when: Date): void => {
  const begin = '<!-- figures -->'
  const end = '<!-- /figures -->'
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < 0) throw new Error(`${page.pathname} has no place for figures`)
  const tables = sections.map(
    ({ title, figures }) =>
      `### ${title}\n\n| what | figure | held against | share | wanted |\n| --- | --- | --- | --- | --- |\n${figures.map(row).join('\n')}`,
  )
  const taken = `Taken on ${when.toISOString().slice(0, 10)} on ${machine()}.`
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${[taken, ...tables].join('\n\n')}\n\n${text.slice(to)}`)
}

const row = ({ name, value, unit, against, wanted, lessIsBetter }: Figure): string => {
  const goals = [
    ...(wanted === undefined ? [] : [`${lessIsBetter ? '≤' : '≥'} ${number(wanted)}`]),
    ...(against ? [`≥ ${(against.wanted * 100).toFixed(0)} %`] : []),
  ]
  const share = against ? `${(against.ratio * 100).toFixed(0)} %` : ''
  return `| ${name} | ${number(value)} ${unit} | ${against ? `${against.name}: ${number(against.value)}` : ''} | ${share} | ${goals.join(', ')} |`
}
