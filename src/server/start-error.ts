/** Why the server does not start: a sentence for the person who starts it. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
