import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startStanding } from './harness.ts'

const tags = (...all: (string | [string, string])[]) =>
  all.map((tag) => (typeof tag === 'string' ? { key: tag } : { key: tag[0], value: tag[1] }))

test('tags are put on queues, listed and taken off', async (t) => {
  const { dms } = await startStanding(t)
  const [a, b] = [await dms.queue('a'), await dms.queue('b')]
  const list = async (id: string) => (await dms.ok(200, 'GET', `/queue/${id}/tags`)).json.tags
  await dms.ok(204, 'POST', `/queue/${a}/tags`, { tag: { key: 'env', value: 'test' } })
  await dms.ok(204, 'POST', `/queue/${a}/tags`, { tag: { key: 'env', value: 'prod' } })
  const more = tags(['team', 'x'], ['__proto__', 'y'], ['empty', ''])
  await dms.ok(204, 'POST', `/queue/${a}/tags/action`, { action: 'create', tags: more })
  assert.deepEqual(await list(a), tags(['env', 'prod'], ['team', 'x'], ['__proto__', 'y'], ['empty', '']))
  await dms.ok(204, 'POST', `/queue/${b}/tags`, { tag: { key: 'env', value: 'test' } })
  const all = (await dms.ok(200, 'GET', '/queue/tags')).json.tags
  assert.deepEqual(all.find(({ key }: { key: string }) => key === 'env').values, ['prod', 'test'])

  const off = { action: 'delete', tags: tags('team', ['env', 'other'], 'nothing') }
  await dms.ok(204, 'POST', `/queue/${a}/tags/action`, off)
  await dms.ok(204, 'DELETE', `/queue/${a}/tags/empty`)
  assert.equal(await dms.refused(404, 'DELETE', `/queue/${a}/tags/empty`), 10240426)
  assert.deepEqual(await list(a), tags(['env', 'prod'], ['__proto__', 'y']))
  await dms.ok(204, 'DELETE', `/queue/${a}/tags/__proto__`)

  await Promise.all(
    Array.from({ length: 9 }, (_, n) => dms.ok(204, 'POST', `/queue/${a}/tags`, { tag: { key: `k${n}`, value: '' } })),
  )
  assert.equal((await list(a)).length, 10, 'none of nine at once got lost')
  const eleventh = { tag: { key: 'eleventh', value: '' } }
  assert.equal(await dms.refused(400, 'POST', `/queue/${a}/tags`, eleventh), 10240044)
  await dms.ok(204, 'POST', `/queue/${a}/tags`, { tag: { key: 'k0', value: 'new' } })
})

test('what cannot be a tag is refused, all of a batch or none', async (t) => {
  const { dms } = await startStanding(t)
  const id = await dms.queue('q')
  const single: [number, unknown][] = [
    [10240009, '{'],
    [10240009, {}],
    [10240009, { tag: { key: 7 } }],
    [10240035, { tag: { value: 'x' } }],
    [10240035, { tag: { key: 'x'.repeat(37) } }],
    [10240036, { tag: { key: 'a=b' } }],
    [10240036, { tag: { key: 'a\u0001' } }],
    [10240038, { tag: { key: 'a', value: 'x'.repeat(44) } }],
    [10240039, { tag: { key: 'a', value: 'b|c' } }],
  ]
  for (const [code, body] of single) assert.equal(await dms.refused(400, 'POST', `/queue/${id}/tags`, body), code)
  const batch: [number, unknown][] = [
    [10240040, { action: 'add', tags: tags('a') }],
    [10240009, { action: 'create', tags: [] }],
    [10240045, { action: 'create', tags: tags('a', 'a') }],
    [10240036, { action: 'create', tags: tags('a', 'b*') }],
    [10240044, { action: 'create', tags: tags(...'abcdefghijk') }],
  ]
  for (const [code, body] of batch) {
    assert.equal(await dms.refused(400, 'POST', `/queue/${id}/tags/action`, body), code, JSON.stringify(body))
  }
  assert.deepEqual((await dms.ok(200, 'GET', `/queue/${id}/tags`)).json, { tags: [] })
  await dms.ok(204, 'POST', `/queue/${id}/tags`, { tag: { key: 'x'.repeat(36), value: 'x'.repeat(43) } })
  const nobody = '6f1c0d0e-3a53-4d8e-9a41-0d6f0a6f4a11'
  assert.equal(await dms.refused(404, 'GET', `/queue/${nobody}/tags`), 10240401)
})

test('queues are found by their tags and names', async (t) => {
  const { dms } = await startStanding(t)
  const ids = new Map<string, string>()
  for (const [name, ...on] of [
    ['orders-prod', ['env', 'prod'], ['team', 'x']],
    ['orders-test', ['env', 'test'], ['team', 'x']],
    ['clicks', ['env', 'prod']],
    ['bare'],
  ] as [string, ...[string, string][]][]) {
    const id = await dms.queue(name)
    ids.set(name, id)
    if (on.length > 0) await dms.ok(204, 'POST', `/queue/${id}/tags/action`, { action: 'create', tags: tags(...on) })
  }
  const search = async (body: object) =>
    (await dms.ok(200, 'POST', '/queue/resource_instances/action', { action: 'filter', ...body })).json
  const names = async (body: object) =>
    (await search(body)).resources.map((resource: { resource_name: string }) => resource.resource_name)
  const prod = { key: 'env', values: ['prod'] }
  const team = { key: 'team', values: [] }
  assert.deepEqual(await names({}), ['bare', 'clicks', 'orders-prod', 'orders-test'])
  assert.deepEqual(await names({ tags: [prod, team] }), ['orders-prod'])
  assert.deepEqual(await names({ tags_any: [prod, team] }), ['clicks', 'orders-prod', 'orders-test'])
  assert.deepEqual(await names({ tags: [{ key: 'env', values: ['prod', 'test'] }] }), [
    'clicks',
    'orders-prod',
    'orders-test',
  ])
  assert.deepEqual(await names({ not_tags: [prod, team] }), ['bare', 'clicks', 'orders-test'])
  assert.deepEqual(await names({ not_tags_any: [prod, team] }), ['bare'])
  assert.deepEqual(await names({ tags: [team], matches: [{ key: 'resource_name', value: 'test' }] }), ['orders-test'])
  const page = await search({ limit: '1', offset: '2' })
  assert.deepEqual(page, {
    resources: [
      {
        resource_id: ids.get('orders-prod'),
        resource_name: 'orders-prod',
        resource_detail: null,
        tags: tags(['env', 'prod'], ['team', 'x']),
      },
    ],
    total_count: 4,
  })
  assert.deepEqual(await search({ action: 'count', tags: [prod] }), { total_count: 2 })
  const cases: [number, unknown][] = [
    [10240041, {}],
    [10240041, { action: 'find' }],
    [10240042, { action: 'filter', limit: '1001' }],
    [10240042, { action: 'filter', limit: 0 }],
    [10240043, { action: 'filter', offset: '-1' }],
    [10240044, { action: 'count', tags: Array.from({ length: 11 }, () => prod) }],
    [10240009, { action: 'count', tags: {} }],
    [10240009, { action: 'count', tags: [{ key: 'a', values: [7] }] }],
    [10240009, { action: 'count', matches: [{ key: 'name', value: 'x' }] }],
    [10240009, '['],
  ]
  for (const [code, body] of cases) {
    assert.equal(await dms.refused(400, 'POST', '/queue/resource_instances/action', body), code, JSON.stringify(body))
  }
})
