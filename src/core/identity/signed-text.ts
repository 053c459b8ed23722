import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/**
 * Texts that this server has signed: a prefix, what they say, a dot, and an HMAC of it with a key made of the server's. They are stored nowhere,
 * so there can be any number of them, and they outlive a restart.
 */
export class TextSigner {
  readonly #key: Uint8Array
  readonly #prefix: string

  /** What is signed for one purpose is good for no other. */
  constructor(serverKey: Uint8Array, { prefix, purpose }: { readonly prefix: string; readonly purpose: string }) {
    this.#key = new Uint8Array(hkdfSync('sha256', serverKey, '', purpose, 32))
    this.#prefix = prefix
  }

  /** `said` has no dot. */
  sign(said: string): string {
    return `${this.#prefix}${said}.${this.#mac(said)}`
  }

  /** What a text says; undefined when it is not one of this server's, or was changed. */
  read(text: string): string | undefined {
    const start = this.#prefix.length
    const dot = text.indexOf('.', start)
    if (!text.startsWith(this.#prefix) || dot < 0) return undefined
    const said = text.slice(start, dot)
    // As text, for the same bytes can be written in several ways.
    const given = Buffer.from(text.slice(dot + 1))
    const mac = Buffer.from(this.#mac(said))
    return given.length === mac.length && timingSafeEqual(given, mac) ? said : undefined
  }

  #mac(said: string): string {
    return createHmac('sha256', this.#key).update(said).digest('base64url')
  }
}
