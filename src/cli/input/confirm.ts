import { createInterface } from 'node:readline/promises'
import { usageError } from '../exit.ts'

/** Asks on the terminal before something cannot be undone; where nobody can answer, `--yes` has to be given. */
export const confirm = async (question: string, yes: boolean | undefined, signal: AbortSignal): Promise<boolean> => {
  if (yes) return true
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usageError(`${question} Nobody is there to ask`, 'Give --yes to do it without being asked.')
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false
  } finally {
    terminal.close()
  }
}
