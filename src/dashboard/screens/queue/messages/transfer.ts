/** Messages out of a queue into a file, and out of a file into a queue. */
import type { OutgoingMessage } from '../../../../client/index.ts'
import type { Filter } from '../../../data/filter.ts'
import { apiFilter, type Place, readerOf } from '../../../data/messages.ts'
import { accountClient } from '../../../data/server.ts'

export interface Exported {
  readonly count: number
  readonly file: Blob
}

interface Going {
  readonly signal: AbortSignal
  readonly onProgress: (count: number) => void
}

/** Text is handed to the browser in pieces of so many characters, so that a large file is not held twice. */
const pieceLength = 1024 * 1024

/** One JSON object a line, with all that is known of each message: those chosen, or all that match. */
export const exportMessages = async (
  place: Place,
  what: { readonly ids: readonly string[] } | { readonly filter: Filter },
  { signal, onProgress }: Going,
): Promise<Exported> => {
  const pieces: Blob[] = []
  let piece = ''
  let count = 0
  const request = 'ids' in what ? { ids: [...what.ids] } : { filter: apiFilter(what.filter, Date.now()) }
  const { operator } = accountClient(place.account).admin
  for await (const line of operator.export(place.queue, { ...readerOf(place), ...request }, { signal })) {
    piece += `${line}\n`
    count++
    if (piece.length < pieceLength) continue
    pieces.push(new Blob([piece]))
    piece = ''
    onProgress(count)
  }
  return { count, file: new Blob([...pieces, piece], { type: 'application/x-ndjson' }) }
}

/** As a download. */
export const saveExport = (place: Place, { file }: Exported): void =>
  save(file, `${place.queue.replace(/[^\w.-]+/g, '_')}.ndjson`)

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
  readonly tags?: readonly string[]
}

/** Messages a request, or fewer where they are long. */
const batch = { messages: 500, characters: 1024 * 1024 }

export interface Imported {
  readonly count: number
  /** Bytes of the file that have been read. */
  readonly bytes: number
}

/**
 * Makes new messages of what was exported: type, ids and counters are not carried over. The file is read and sent slice by slice, so
 * that its size does not matter; what has been sent when it is stopped, or comes to a line that is no message, stays.
 */
export const importMessages = async (
  { account, queue }: Place,
  file: File,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (imported: Imported) => void },
): Promise<Imported> => {
  const target = accountClient(account).queue(queue)
  let imported: Imported = { count: 0, bytes: 0 }
  let slice: OutgoingMessage<unknown>[] = []
  let characters = 0
  let number = 0
  let bytes = 0
  const send = async () => {
    if (slice.length > 0) await target.sendMany(slice)
    imported = { count: imported.count + slice.length, bytes }
    slice = []
    characters = 0
    onProgress(imported)
  }
  for await (const { line, read } of linesOf(file)) {
    if (signal.aborted) return imported
    number++
    bytes = read
    if (line.trim() === '') continue
    slice.push(outgoing(line, number))
    characters += line.length
    if (slice.length >= batch.messages || characters >= batch.characters) await send()
  }
  bytes = file.size
  await send()
  return imported
}

async function* linesOf(file: File): AsyncGenerator<{ line: string; read: number }, void, void> {
  const reader = file.stream().getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let read = 0
  for (;;) {
    const { value, done } = await reader.read()
    const lines = (rest + (value ? decoder.decode(value, { stream: true }) : '')).split('\n')
    read += value?.length ?? 0
    rest = done ? '' : (lines.pop() ?? '')
    for (const line of lines) yield { line, read }
    if (done) return
  }
}

const outgoing = (line: string, number: number): OutgoingMessage<unknown> => {
  let read: Line
  try {
    read = JSON.parse(line) as Line
  } catch {
    throw new Error(`Line ${number} is not JSON.`)
  }
  if (typeof read !== 'object' || read === null) throw new Error(`Line ${number} is not a message.`)
  const { contentType, attributes, priority, messageGroup, tags } = read
  return {
    body: bodyOf(read, number),
    ...(contentType === undefined ? {} : { contentType }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(priority === undefined ? {} : { priority }),
    ...(messageGroup === undefined ? {} : { messageGroup }),
    ...(tags === undefined ? {} : { tags }),
  }
}

const bodyOf = ({ body, text, base64 }: Line, number: number): unknown => {
  if (text !== undefined) return text
  if (base64 !== undefined) return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  // A string body of JSON would be taken for text; as JSON text it stays what it is.
  if (body === undefined) throw new Error(`Line ${number} has no body.`)
  return typeof body === 'string' ? new TextEncoder().encode(JSON.stringify(body)) : body
}
