import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { suite, test } from 'node:test'
import { explain, type PlainSchema } from '../explain.ts'
import { allOperations } from '../operations.ts'
import { problems } from '../problems.ts'
import { referenceMarkdown } from './markdown.ts'
import { openApi } from './openapi.ts'
import { referencePage } from './reference-page.ts'

type Json = { readonly [name: string]: Json } | readonly Json[] | string | number | boolean | null

const at = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((inner, name) => (isObject(inner) ? inner[name] : undefined), value)

const isObject = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const entries = (value: Json | undefined): [string, Json][] => (isObject(value) ? Object.entries(value) : [])

const everywhere = function* (value: Json, path = '#'): Generator<[string, Json]> {
  yield [path, value]
  const members = Array.isArray(value) ? [...value.entries()] : entries(value)
  for (const [name, member] of members) yield* everywhere(member, `${path}/${name}`)
}

suite('the OpenAPI description', () => {
  const text = JSON.stringify(openApi('1.2.3'))
  const api = JSON.parse(text) as Json
  const described = entries(at(api, 'paths')).flatMap(([path, methods]) =>
    entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

  test('holds every operation, once', () => {
    assert.equal(at(api, 'openapi'), '3.1.1')
    assert.equal(at(api, 'info', 'version'), '1.2.3')
    const ids = described.map(({ operation }) => at(operation, 'operationId'))
    assert.deepEqual(ids.sort(), allOperations.map(({ id }) => id).sort())
  })

  test('refers only to what there is, and holds nothing that is not referred to', () => {
    const used = new Set<string>()
    for (const [place, value] of everywhere(api)) {
      if (!place.endsWith('/$ref')) continue
      assert.equal(typeof value, 'string')
      used.add(String(value))
      assert.ok(at(api, ...String(value).slice(2).split('/')), `${place}: ${value}`)
    }
    for (const kind of ['schemas', 'headers']) {
      for (const [name] of entries(at(api, 'components', kind))) {
        assert.match(name, /^[A-Za-z]+$/)
        assert.ok(used.has(`#/components/${kind}/${name}`), name)
      }
    }
    for (const security of described.flatMap(
      ({ operation }) => at(operation, 'security') ?? at(api, 'security') ?? [],
    )) {
      for (const [scheme] of entries(security)) assert.ok(at(api, 'components', 'securitySchemes', scheme))
    }
  })

  test('declares the parameters of each path, and every parameter once', () => {
    for (const { path, method, operation } of described) {
      const parameters = at(operation, 'parameters') ?? []
      assert.ok(Array.isArray(parameters))
      const named = (place: string) =>
        parameters.filter((one) => at(one, 'in') === place).map((one) => String(at(one, 'name')))
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      assert.deepEqual(named('path'), inPath, `${method} ${path}`)
      for (const place of ['path', 'query', 'header']) assert.equal(new Set(named(place)).size, named(place).length)
      for (const parameter of parameters) {
        assert.equal(
          typeof at(parameter, 'description') === 'string' || isObject(at(parameter, 'schema', '$ref')),
          true,
        )
        assert.ok(isObject(at(parameter, 'schema')))
        assert.equal(at(parameter, 'required') === true, at(parameter, 'in') === 'path')
      }
    }
  })

  test('describes every answer', () => {
    for (const { path, method, operation } of described) {
      const responses = entries(at(operation, 'responses'))
      assert.ok(
        responses.some(([status]) => /^2\d\d$/.test(status)),
        `${method} ${path}`,
      )
      for (const [status, response] of responses) {
        assert.match(status, /^([1-5]\d\d|default)$/)
        assert.equal(typeof at(response, 'description'), 'string')
        const media = entries(at(response, 'content')).map(([type]) => type)
        if (status === '204') assert.deepEqual(media, [])
        else assert.deepEqual(media, /^[45d]/.test(status) ? ['application/problem+json'] : media.slice(0, 1))
      }
      assert.equal(at(operation, 'requestBody') === undefined || method !== 'get', true)
    }
  })

  test('has schemas that are JSON Schema, with examples that fit', () => {
    const keywords = [
      'type',
      'properties',
      'required',
      'items',
      'anyOf',
      'enum',
      'const',
      'additionalProperties',
      'pattern',
    ]
    const ranges = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems']
    const notes = ['title', 'description', 'default', 'examples']
    const known = new Set([...keywords, ...ranges, ...notes])
    const resolved = (schema: Json): PlainSchema => {
      const reference = at(schema, '$ref')
      const target = reference === undefined ? schema : at(api, ...String(reference).slice(2).split('/'))
      assert.ok(isObject(target))
      for (const keyword of Object.keys(target)) assert.ok(known.has(keyword), keyword)
      const { properties, items, anyOf, ...rest } = target
      const each =
        properties && Object.fromEntries(entries(properties).map(([name, member]) => [name, resolved(member)]))
      return {
        ...rest,
        ...(each && { properties: each }),
        ...(items !== undefined && { items: resolved(items) }),
        ...(Array.isArray(anyOf) && { anyOf: anyOf.map(resolved) }),
      }
    }
    for (const { operation } of described) {
      for (const [type, media] of entries(at(operation, 'requestBody', 'content'))) {
        const [schema, example] = [at(media, 'schema'), at(media, 'example')]
        if (type === 'application/json') assert.ok(schema)
        if (schema !== undefined && example !== undefined) assert.deepEqual(explain(resolved(schema), example), [])
      }
      for (const [, response] of entries(at(operation, 'responses'))) {
        for (const [, media] of entries(at(response, 'content'))) {
          const schema = at(media, 'schema')
          if (schema !== undefined) resolved(schema)
        }
      }
    }
  })
})

suite('the reference page', () => {
  const page = referencePage()
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)

  test('needs nothing from elsewhere', () => {
    assert.doesNotMatch(page, /<(?:script|link|img|iframe|object|embed)|@import|url\(|(?:src|href)="(?!#)/i)
    assert.match(page, /color-scheme: light dark/)
  })

  test('has one place for everything that it links to', () => {
    assert.equal(new Set(ids).size, ids.length)
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(id), `#${id}`)
    for (const { id } of allOperations) assert.ok(ids.includes(id), id)
    for (const code of Object.keys(problems)) assert.ok(ids.includes(code), code)
  })

  test('is well-formed', () => {
    const open: string[] = []
    for (const [, close, name] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (name === 'meta') continue
      if (close === '') open.push(String(name))
      else assert.equal(open.pop(), name)
    }
    assert.deepEqual(open, [])
    assert.doesNotMatch(page, /undefined|\[object|`/)
  })
})

test('docs/reference/native-api.md is up to date (else run: node scripts/native-reference.ts)', async () => {
  const file = resolve(import.meta.dirname, '../../../../docs/reference/native-api.md')
  assert.equal(await readFile(file, 'utf8'), referenceMarkdown())
})
