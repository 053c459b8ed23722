/** `millrace/worker`: handlers for messages, over a server or in the same process. */
export type { StopOptions, Work, WorkErrorContext, WorkMessage, WorkOptions } from '../client/index.ts'
export { createWorker, type MessageWorker, type WorkerOptions } from './create-worker.ts'
export { type Delay, days, hours, minutes, seconds } from './delay.ts'
export { type MessageContext, ReprocessNotAllowedError } from './message-context.ts'
export { type ErrorArgs, retryPolicy } from './retry-policy.ts'
