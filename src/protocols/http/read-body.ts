import type { IncomingMessage } from 'node:http'

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {}

const nothing = Buffer.alloc(0)

/** The whole body of a request, or what `tooLarge` says. Small ones come in one piece, and are not copied. */
export const readBody = (
  request: IncomingMessage,
  maxBytes: number,
  tooLarge: (maxBytes: number) => Error,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const announced = request.headers['content-length']
    if (announced !== undefined && Number(announced) > maxBytes) return reject(tooLarge(maxBytes))
    // While its credentials were looked at; nothing more would be heard of it.
    if (request.destroyed) return reject(new ClientGone())

    let first: Buffer | undefined
    let pieces: Buffer[] | undefined
    let length = 0
    let settled = false
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length > maxBytes) {
        // The rest flows away unread: whoever is still sending shall get to see the answer.
        settled = true
        pieces = undefined
        return reject(tooLarge(maxBytes))
      }
      if (first === undefined) first = piece
      else if (pieces) pieces.push(piece)
      else pieces = [first, piece]
    })
    request.on('end', () => {
      settled = true
      resolve(pieces ? Buffer.concat(pieces, length) : (first ?? nothing))
    })
    request.on('close', () => {
      if (!settled) reject(new ClientGone())
    })
  })
