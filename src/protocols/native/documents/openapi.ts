import type { TSchema } from 'typebox'
import { type PlainSchema, plainSchema } from '../explain.ts'
import type { Operation } from '../operation.ts'
import { allOperations, type ListedOperation, operations } from '../operations.ts'
import { problems } from '../problems.ts'
import { apiPath, headers, Problem, type ProblemCode, problemContentType } from '../schemas/index.ts'
import { exampleOf } from './examples.ts'

type Json = Record<string, unknown>

/** The API in OpenAPI 3.1, whose schemas are JSON Schema as TypeBox writes it. Schemas with a title stand apart, by that name. */
export const openApi = (version: string): Json => {
  const components = new Map<string, Json>()
  const paths: Record<string, Json> = {}
  for (const listed of allOperations) {
    const path = listed.operation.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [listed.operation.method.toLowerCase()]: describeOperation(listed, components) }
  }
  describeSchema(plainSchema(Problem), components)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Millrace',
      version,
      summary: 'A durable message queue.',
      description: 'The native API. Times are milliseconds since 1970-01-01T00:00:00Z, spans are milliseconds.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: apiPath }],
    tags: Object.keys(operations).map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      headers: {
        RequestId: {
          description: 'Names the request in the server’s log: the id that the client sent, or a new one.',
          schema: { type: 'string' },
        },
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The token of an access key. A server without any account, which listens on loopback only, needs none.',
        },
      },
    },
    security: [{ token: [] }],
  }
}

const describeOperation = ({ id, section, operation }: ListedOperation, components: Map<string, Json>): Json => {
  const { summary, description, access } = operation
  const scopes = access.scopes.map((scope) => `\`${scope}\``).join(' or ')
  const needs = scopes === '' ? 'Needs no credentials.' : `Scope: ${scopes}.`
  const parameters = describeParameters(operation, components)
  const requestBody = describeBody(operation, components)
  return {
    operationId: id,
    tags: [section],
    summary,
    description: description === undefined ? needs : `${description} ${needs}`,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: describeResponses(operation, components),
    ...(access.to === 'anyone' ? { security: [] } : {}),
  }
}

const describeParameters = (
  { parameters, query, headers: own = [], access }: Operation,
  components: Map<string, Json>,
): Json[] => {
  const described = (place: 'path' | 'query', schema: TSchema | undefined): Json[] =>
    Object.entries((schema && plainSchema(schema).properties) ?? {}).map(([name, member]) => {
      const { description, ...rest } = member
      return {
        name,
        in: place,
        ...(place === 'path' ? { required: true } : {}),
        ...(description === undefined ? {} : { description }),
        ...(member.type === 'array' ? { style: 'form', explode: false } : {}),
        schema: describeSchema(rest, components),
      }
    })
  const account = { name: headers.account, description: accountHeader, example: 'default' }
  const sent = access.to === 'anyone' || access.to === 'server' ? own : [...own, account]
  return [
    ...described('path', parameters),
    ...described('query', query),
    ...sent.map(({ name, description, example }) => ({
      name,
      in: 'header',
      description,
      schema: { type: 'string' },
      example,
    })),
  ]
}

const accountHeader =
  'The account that the request is about; default: the key’s own, and `default` in open mode. Another one needs the scope `admin`.'

const describeBody = ({ body }: Operation, components: Map<string, Json>): Json | undefined => {
  if (!body) return undefined
  if (body.kind === 'bytes') {
    return { description: body.description, content: { '*/*': { example: JSON.parse(body.example) as unknown } } }
  }
  const required = body.kind === 'raw-json' || !body.optional
  const example = exampleOf(body.schema)
  const schema = describeSchema(plainSchema(body.schema), components)
  return { required, content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } } }
}

/** What may be answered to any request that is not for anyone. */
export const commonProblems = (operation: Operation): ProblemCode[] => [
  'InvalidRequest',
  ...(operation.body ? (['MalformedJson', 'PayloadTooLarge'] as const) : []),
  ...(operation.body && operation.body.kind !== 'bytes' ? (['UnsupportedContentType'] as const) : []),
  ...(operation.access.to === 'anyone' ? [] : (['Unauthorized', 'Forbidden'] as const)),
]

const describeResponses = (operation: Operation, components: Map<string, Json>): Json => {
  const requestId = { [headers.requestId]: { $ref: '#/components/headers/RequestId' } }
  const responses: Record<string, Json> = {}
  for (const [status, { description, schema, contentType = 'application/json' }] of Object.entries(operation.answers)) {
    const media = schema ? { schema: describeSchema(plainSchema(schema), components) } : {}
    const content = status === '204' ? {} : { content: { [contentType]: media } }
    responses[status] = { description, headers: requestId, ...content }
  }
  const schema = { $ref: '#/components/schemas/Problem' }
  const codes = [...new Set([...commonProblems(operation), ...operation.problems])]
  for (const status of [...new Set(codes.map((code) => problems[code].status))].sort()) {
    const its = codes.filter((code) => problems[code].status === status)
    const description = its.map((code) => `${code}: ${problems[code].title}.`).join(' ')
    responses[status] = { description, headers: requestId, content: { [problemContentType]: { schema } } }
  }
  responses.default = {
    description: 'Any other problem.',
    headers: requestId,
    content: { [problemContentType]: { schema } },
  }
  return responses
}

/** The schema with those that have a title taken out of it, to stand among the components. */
const describeSchema = (schema: PlainSchema, components: Map<string, Json>): Json => {
  const { title } = schema
  if (title === undefined) return describeMembers(schema, components)
  if (!components.has(title)) {
    components.set(title, {})
    components.set(title, describeMembers(schema, components))
  }
  return { $ref: `#/components/schemas/${title}` }
}

const describeMembers = (schema: PlainSchema, components: Map<string, Json>): Json => {
  const inner = (member: PlainSchema) => describeSchema(member, components)
  const each = (members: Readonly<Record<string, PlainSchema>>) =>
    Object.fromEntries(Object.entries(members).map(([name, member]) => [name, inner(member)]))
  const { patternProperties, ...rest } = schema
  const anyMember = Object.values(patternProperties ?? {})[0]
  return {
    ...rest,
    ...(schema.properties ? { properties: each(schema.properties) } : {}),
    ...(anyMember ? { additionalProperties: inner(anyMember) } : {}),
    ...(schema.items ? { items: inner(schema.items) } : {}),
    ...(schema.anyOf ? { anyOf: schema.anyOf.map(inner) } : {}),
  }
}
