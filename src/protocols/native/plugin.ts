import type { FastifyInstance, FastifyRequest } from 'fastify'
import { openApi } from './documents/openapi.ts'
import { referencePage } from './documents/reference-page.ts'
import { handlerOf } from './handle.ts'
import { asProblem, maxParamLength } from './http-errors.ts'
import { answerError, noRoute } from './no-route.ts'
import { allOperations } from './operations.ts'
import { defaultNativeLimits, type NativeApiOptions } from './options.ts'

/** The native API, as a plugin for Fastify; to be mounted under `/api/v1`. */
export const nativeApi = async (app: FastifyInstance, options: NativeApiOptions): Promise<void> => {
  const { version = '0.0.0' } = options
  const limits = { ...defaultNativeLimits, ...options.limits }
  const documents = { openApi: once(() => JSON.stringify(openApi(version))), referencePage: once(referencePage) }
  const door = { ...options, limits, documents }
  for (const { operation } of allOperations) {
    const { method, path: url } = operation
    app.route({ method, url, onRequest: handlerOf(operation, door), handler: neverReached })
  }

  // Bodies of requests that no route takes are of no interest.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request: FastifyRequest, _body: unknown, done: (error: null) => void) => done(null))
  const refuse = noRoute(allOperations.map(({ operation }) => operation))
  app.setNotFoundHandler(refuse)
  app.setErrorHandler((error, request, reply) => {
    if (request.is404) return refuse(request, reply)
    reply.hijack()
    answerError(request, reply, asProblem(error))
  })

  app.addHook('onReady', async () => {
    const { routerOptions } = app.initialConfig
    if ((routerOptions?.maxParamLength ?? 0) < 3 * 1024) {
      throw new Error(`set Fastify's routerOptions.maxParamLength to ${maxParamLength}: queue names may be long`)
    }
  })
}

const neverReached = (): never => {
  throw new Error('the request was served by its onRequest hook')
}

const once = (make: () => string): (() => string) => {
  let made: string | undefined
  return () => {
    made ??= make()
    return made
  }
}
