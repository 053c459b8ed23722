/** The door for clients of Altogic's message queues: see operations.ts for all that it can do. */
export { type AltogicDoor, altogicDoor } from './plugin.ts'
