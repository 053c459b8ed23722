import type { FastifyInstance } from 'fastify'
import { apiPath } from '../../protocols/native/schemas/common.ts'

/**
 * `GET /`: where to go from here, for people and for programs. Clients of OpenStack look there for `versions` of an API and choose one,
 * so the answer is "multiple choices".
 */
export const homeRoutes = (app: FastifyInstance, version: string, choices: { readonly versions: object }): void => {
  const places = { api: apiPath, reference: `${apiPath}/reference`, openapi: `${apiPath}/openapi.json` }
  const description = { name: 'millrace', version, ...places, health: '/healthz', readiness: '/readyz' }
  const page = homePage(version, places.reference)

  app.get('/', (request, reply) => {
    reply.header('Vary', 'Accept')
    if (!wantsHtml(request.headers.accept)) return reply.code(300).send({ ...description, ...choices })
    return reply.type('text/html; charset=utf-8').header('Content-Security-Policy', policy).send(page)
  })
}

const wantsHtml = (accept: string | undefined): boolean => accept?.includes('text/html') ?? false

const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

const homePage = (version: string, reference: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Millrace</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 40rem; margin: 4rem auto; padding: 0 1.5rem }
</style>
<h1>Millrace</h1>
<p>A durable message queue, version ${version}. It is running.</p>
<ul>
  <li><a href="${reference}">Reference of the API</a></li>
  <li><a href="/readyz">Is it ready?</a></li>
  <li><a href="/metrics">Metrics</a></li>
</ul>
</html>
`
