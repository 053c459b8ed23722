/** Why handling a message failed, in a form for programs. */
export interface Failure {
  /** The answer was no; there was no complete answer in time; there was no connection, or it broke. */
  readonly kind: 'status' | 'timeout' | 'connection'
  readonly status?: number
  /** The beginning of the answer, as text. */
  readonly answer?: string
}
