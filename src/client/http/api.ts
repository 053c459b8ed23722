import { MillraceError } from '../error.ts'
import type { Call, Exchange } from './exchange.ts'

/** The JSON of an answer, beside its text. */
interface Parsed<Value> {
  readonly status: number
  readonly value: Value
  readonly text: string
}

type JsonCall = Omit<Call, 'body' | 'path'> & {
  /** Names that make up the path: each is percent-encoded. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, unknown>>
  /** An object is written as JSON; text and bytes go as they are. */
  readonly body?: object | string | Uint8Array<ArrayBuffer>
}

const jsonHeader = { 'content-type': 'application/json' }

/** Calls of the native API, which speaks JSON. */
export class Api {
  readonly #exchange: Exchange
  readonly #base: string

  /** `base`: the path of the API on its server. */
  constructor(exchange: Exchange, base: string) {
    this.#exchange = exchange
    this.#base = base
  }

  path(names: readonly string[], parameters: Readonly<Record<string, unknown>> = {}): string {
    return this.#base + names.map((name) => `/${encodeURIComponent(name)}`).join('') + queryOf(parameters)
  }

  async call<Value>(call: JsonCall): Promise<Parsed<Value>> {
    const { status, text, requestId } = await this.#exchange.call(this.#request(call))
    if (text === '') return { status, value: null as Value, text }
    try {
      return { status, value: JSON.parse(text) as Value, text }
    } catch (cause) {
      throw new MillraceError('InvalidAnswer', 'The answer is not JSON.', { status, requestId, cause })
    }
  }

  /** An answer of many lines, as they come; without the empty ones. */
  async *lines(call: JsonCall): AsyncGenerator<string, void, void> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of this.#exchange.stream(this.#request(call))) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') yield line
    }
    if (rest.trim() !== '') yield rest
  }

  #request({ path, query, body, headers, ...call }: JsonCall): Call {
    const hasBody = body !== undefined
    return {
      ...call,
      path: this.path(path, query),
      ...(hasBody
        ? { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }
        : {}),
      ...(hasBody || headers ? { headers: { ...(hasBody ? jsonHeader : {}), ...headers } } : {}),
    }
  }
}

/** Parameters that are given; lists with commas between. */
const queryOf = (parameters: Readonly<Record<string, unknown>>): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, String(value))
  const text = search.toString()
  return text && `?${text}`
}
