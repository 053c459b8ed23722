import type { ExitCode } from '../exit.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/text.ts'

/** What one check found. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do about it. */
  readonly advice?: string
  /** What the command exits with, if not the code of any failure. */
  readonly exitCode?: ExitCode
}

const colors = { ok: 'green', warn: 'yellow', fail: 'red' } as const

export const tellFinding = async (finding: Finding, output: Output): Promise<void> => {
  if (output.json)
    return output.record({ check: finding.check, state: finding.state, detail: finding.detail, advice: finding.advice })
  if (output.quiet && finding.state === 'ok') return
  const { check, state, detail, advice } = finding
  await output.line(`${output.colored(colors[state], state.padEnd(4))}  ${check.padEnd(12)}  ${printable(detail)}`)
  if (advice !== undefined) await output.line(`${' '.repeat(20)}${output.dim('→')} ${printable(advice)}`)
}
