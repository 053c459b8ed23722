import type { HeldMessage } from './held-message.ts'
import type { Source } from './source.ts'

/** Message after message, until the loop is left or the source is stopped; throws when receiving is refused for good. */
export async function* iterate<T>(
  source: Source<T>,
  { onBegin, onEnd }: { onBegin(): void; onEnd(): void },
): AsyncGenerator<HeldMessage<T>, void, void> {
  onBegin()
  try {
    for (let message = await source.next(); message; message = await source.next()) {
      try {
        yield message
      } finally {
        source.done(message)
      }
    }
    if (source.failure) throw source.failure.error
  } finally {
    await source.stop()
    onEnd()
  }
}
