import type { FastifyInstance } from 'fastify'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { Identity } from '../../core/identity/identity.ts'
import { serverOf } from './handle.ts'
import type { Operation } from './operation.ts'
import { dequeue } from './operations/dequeue.ts'
import { renew } from './operations/renew.ts'
import { send } from './operations/send.ts'
import { settle } from './operations/settle.ts'

export interface WorkerProtocolOptions {
  readonly engine: QueueEngine
  readonly identity: Identity
  readonly maxBodyBytes?: number
}

const operations: readonly Operation[] = [dequeue, send, settle, renew]

/** The protocol between a server and workers in any language, as a plugin for Fastify; to be mounted under `/worker/v1`. */
export const workerProtocol = async (app: FastifyInstance, options: WorkerProtocolOptions): Promise<void> => {
  const { engine, identity, maxBodyBytes = 8 * 1024 * 1024 } = options
  const serve = serverOf({ engine, identity, maxBodyBytes })
  for (const operation of operations) {
    const onRequest = serve(operation)
    app.route({ method: app.supportedMethods, url: operation.path, onRequest, handler: neverReached })
  }
  const refuse = serve(undefined)
  app.setNotFoundHandler((request, reply) => refuse(request, reply))
}

const neverReached = (): never => {
  throw new Error('the request was served by its onRequest hook')
}
