/** `millrace`: durable queues inside a Node.js process, without a server. The rest has entry points of its own. */
export * from './client/index.ts'
export { type OpenOptions, openMillrace } from './embedded/open-millrace.ts'
