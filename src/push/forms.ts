import type { PushTarget } from '../core/push-target.ts'
import type { ReceivedMessage } from '../core/requests.ts'

/** How a message becomes a request. Doors bring forms of their own, which targets choose by name. */
export interface PushForm {
  /** The body, and headers besides those of every call; these come before the target's own. */
  request(
    message: ReceivedMessage,
    target: PushTarget,
  ): {
    readonly body: Uint8Array
    readonly headers: Readonly<Record<string, string>>
  }
  /** Whether an answer with this status means that the message was taken; default: 2xx. */
  accepts?(status: number): boolean
}

export type PushForms = Readonly<Record<string, PushForm>>

/** The body as it was sent, to the byte, with its content type. */
export const jsonBody: PushForm = {
  request: ({ message: { body, contentType } }) => ({
    body,
    headers: { 'content-type': printable(contentType) ?? 'application/json; charset=utf-8' },
  }),
}

/** A content type that cannot stand in a header is none. */
const printable = (contentType: string | null): string | undefined =>
  contentType !== null && /^[\x20-\x7e]+$/.test(contentType) ? contentType : undefined
