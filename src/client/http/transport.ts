/** How requests get to one server and answers back: the one thing that differs between runtimes. */
export interface Transport {
  /** Resolves when the head of the answer is there; rejects with what went wrong, or with the signal's reason. */
  send(request: TransportRequest): Promise<TransportAnswer>
  /** Lets go of idle connections. */
  close(): void
}

export interface TransportRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer> | undefined
  readonly signal: AbortSignal
}

export interface TransportAnswer {
  readonly status: number
  /** By its lower-case name. */
  header(name: string): string | null
  /** The whole body. */
  text(): Promise<string>
  /** The body as it comes. */
  chunks(): AsyncIterable<Uint8Array>
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export const fetchTransport = (origin: string, fetch: Fetch): Transport => ({
  async send({ method, path, headers, body, signal }) {
    // Cookies are no part of this API, and sending them would ask for more consent of the server than a page needs.
    const init: RequestInit = { method, headers, signal, redirect: 'error', credentials: 'omit', cache: 'no-store' }
    if (body !== undefined) init.body = body
    const response = await fetch(origin + path, init)
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      text: () => response.text(),
      chunks: () => chunksOf(response.body),
    }
  },
  close() {},
})

/** Not every browser iterates over a stream by itself. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void, void> {
  const reader = body?.getReader()
  if (!reader) return
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    await reader.cancel().catch(() => {})
  }
}
