/** Base64 by the engine's own methods where it has them (they are an order of magnitude faster), else by `btoa`. */
interface Base64Methods {
  toBase64?: () => string
}
interface Base64Constructor {
  fromBase64?: (text: string) => Uint8Array<ArrayBuffer>
}

const native: Base64Constructor = Uint8Array as Base64Constructor

export const toBase64 = (bytes: Uint8Array): string => {
  const own = (bytes as Base64Methods).toBase64
  return own ? own.call(bytes) : slowToBase64(bytes)
}

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  native.fromBase64 ? native.fromBase64(text) : slowFromBase64(text)

/** Bytes a call: as many as arguments fit on the stack of every engine. */
const sliceLength = 0x8000

export const slowToBase64 = (bytes: Uint8Array): string => {
  let characters = ''
  for (let start = 0; start < bytes.length; start += sliceLength) {
    characters += String.fromCharCode(...bytes.subarray(start, start + sliceLength))
  }
  return btoa(characters)
}

export const slowFromBase64 = (text: string): Uint8Array<ArrayBuffer> => {
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let at = 0; at < characters.length; at++) bytes[at] = characters.charCodeAt(at)
  return bytes
}
