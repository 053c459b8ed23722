/** `millrace/worker`: handlers for messages, over a server or in the same process. */
export type { StepEvent, StopOptions, Work, WorkErrorContext, WorkMessage, WorkOptions } from '../client/index.ts'
export type { Batch, BatchErrorArgs } from './batch.ts'
export { type Delay, days, hours, milliseconds, minutes, seconds } from './delay.ts'
export type { Handlers } from './handlers.ts'
export { type MessageContext, ReprocessNotAllowedError } from './message-context.ts'
export type { MessageWorker, WorkerSettings } from './options.ts'
export { type ErrorArgs, retryPolicy } from './retry-policy.ts'
export { createWorker, Worker, type WorkerOptions } from './worker.ts'
