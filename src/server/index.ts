import { banner } from './banner.ts'
import type { Config } from './config/schema.ts'
import { untilStopped } from './lifecycle.ts'
import { placeOf } from './open-store.ts'
import { startServer } from './start.ts'

export { type RunningServer, type StartOptions, startServer } from './start.ts'
export { StartError } from './start-error.ts'

/** `millrace serve`: runs a server until a signal asks it to stop. What people want to know goes to standard output. */
export const serve = async (config: Config): Promise<void> => {
  // Whoever read our output may have gone, which must not end the server.
  process.stdout.on('error', () => {})
  const server = await startServer(config)
  process.stdout.write(banner(config, server, await placeOf(config)))
  await untilStopped(server, config.limits)
}
