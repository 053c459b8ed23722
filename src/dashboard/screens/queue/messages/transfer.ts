/** Messages out of a queue into a file, and out of a file into a queue. */
import type { OutgoingMessage } from '../../../../client/index.ts'
import type { Place } from '../../../data/messages.ts'
import { accountClient } from '../../../data/server.ts'

/** One JSON object a line, with all that is known of each message. */
export const exportMessages = async ({ account, queue }: Place, ids: readonly string[]): Promise<void> => {
  const lines: string[] = []
  for await (const line of accountClient(account).admin.operator.export(queue, { ids: [...ids] }))
    lines.push(`${line}\n`)
  save(new Blob(lines, { type: 'application/x-ndjson' }), `${queue.replace(/[^\w.-]+/g, '_')}.ndjson`)
}

const save = (blob: Blob, name: string): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

interface Line {
  readonly body?: unknown
  readonly text?: string
  readonly base64?: string
  readonly contentType?: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly priority?: number
  readonly messageGroup?: string
}

const batch = 500

/** Makes new messages of what was exported: type, ids and counters are not carried over. Answers how many. */
export const importMessages = async (
  { account, queue }: Place,
  file: File,
  onProgress: (count: number) => void,
): Promise<number> => {
  const lines = (await file.text()).split('\n')
  const messages = lines.flatMap((line, at) => (line.trim() === '' ? [] : [outgoing(line, at + 1)]))
  for (let sent = 0; sent < messages.length; sent += batch) {
    await accountClient(account)
      .queue(queue)
      .sendMany(messages.slice(sent, sent + batch))
    onProgress(Math.min(messages.length, sent + batch))
  }
  return messages.length
}

const outgoing = (line: string, number: number): OutgoingMessage<unknown> => {
  let read: Line
  try {
    read = JSON.parse(line) as Line
  } catch {
    throw new Error(`Line ${number} is not JSON.`)
  }
  if (typeof read !== 'object' || read === null) throw new Error(`Line ${number} is not a message.`)
  const { contentType, attributes, priority, messageGroup } = read
  return {
    body: bodyOf(read, number),
    ...(contentType === undefined ? {} : { contentType }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(priority === undefined ? {} : { priority }),
    ...(messageGroup === undefined ? {} : { messageGroup }),
  }
}

const bodyOf = ({ body, text, base64 }: Line, number: number): unknown => {
  if (text !== undefined) return text
  if (base64 !== undefined) return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  // A string body of JSON would be taken for text; as JSON text it stays what it is.
  if (body === undefined) throw new Error(`Line ${number} has no body.`)
  return typeof body === 'string' ? new TextEncoder().encode(JSON.stringify(body)) : body
}
