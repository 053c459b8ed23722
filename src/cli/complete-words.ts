import { type Candidate, complete } from './complete.ts'
import { connect } from './connect.ts'
import { lineWriter } from './output/lines.ts'
import { loadProgram } from './program.ts'

const patienceMs = 1000
const mostQueues = 200

/**
 * What the scripts of `millrace completion` ask for: a line for each candidate (the word, a tab, its description), or
 * `:files` where a file name is expected. Says nothing when anything goes wrong, as somebody is typing.
 */
export const completeWords = async (words: readonly string[]): Promise<void> => {
  // Where a shell takes `--url=http` apart, the sign is a word of its own.
  const joined = words.filter((word) => word !== '=')
  const completion = complete(await loadProgram(joined.slice(0, -1)), joined)
  const output = lineWriter(process.stdout)
  if (completion.kind === 'files') return output.write(':files')
  const candidates = completion.kind === 'queues' ? await queues(joined) : completion.candidates
  for (const { value, description } of candidates) await output.write(`${value}\t${description}`)
}

const queues = async (words: readonly string[]): Promise<Candidate[]> => {
  const client = connect({
    url: optionIn(words, '--url') ?? process.env.MILLRACE_URL ?? 'http://127.0.0.1:8080',
    token: optionIn(words, '--token') ?? process.env.MILLRACE_TOKEN,
    account: optionIn(words, '--account') ?? process.env.MILLRACE_ACCOUNT,
  })
  try {
    const { queues: found } = await client.queues.list({
      prefix: words.at(-1),
      limit: mostQueues,
      signal: AbortSignal.timeout(patienceMs),
    })
    return found
      .filter(({ name }) => !/[\t\r\n]/.test(name))
      .map(({ name, messages }) => ({ value: name, description: `${messages} messages` }))
  } catch {
    return []
  } finally {
    await client.close()
  }
}

const optionIn = (words: readonly string[], name: string): string | undefined => {
  const at = words.lastIndexOf(name, -2)
  return at < 0 ? undefined : words[at + 1]
}
