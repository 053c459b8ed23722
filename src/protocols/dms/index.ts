/** The door for clients of the Distributed Message Service: see operations.ts for all that it can do. */
export { type DmsDoor, dmsDoor } from './plugin.ts'
