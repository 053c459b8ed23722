/** The door for clients of StarQueue: see operations.ts for all that it can do. */
export type { StarQueueSettings } from './options.ts'
export { type StarQueueDoor, starQueueDoor } from './plugin.ts'
