import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Scope } from '../../src/core/identity/identity.ts'
import { allOperations } from '../../src/protocols/native/operations.ts'
import type * as S from '../../src/protocols/native/schemas/index.ts'
import { content, startServer } from './harness.ts'

const open = await startServer()
const { call, tokenFor, engine } = await startServer()

suite('an open server', () => {
  test('takes any credentials or none, and the account that the request names', async () => {
    await open.call('PUT', '/queues/a')
    await open.call('PUT', '/queues/b', { headers: { 'x-millrace-account': 'acme' }, token: 'anything' })
    const accountOf = async (headers: Record<string, string>) =>
      content<S.QueuePage>(await open.call('GET', '/queues', { headers }), 200).queues.map(({ account, name }) => [
        account,
        name,
      ])
    assert.deepEqual(await accountOf({}), [['default', 'a']])
    assert.deepEqual(await accountOf({ 'x-millrace-account': 'acme' }), [['acme', 'b']])
    assert.equal((await open.call('GET', '/queues', { headers: { 'x-millrace-account': ' \xff' } })).status, 400)
    assert.equal(
      (await open.call('GET', '/queues', { headers: { 'x-millrace-account': 'x'.repeat(300) } })).status,
      400,
    )
  })
})

suite('a closed server', async () => {
  const all = (['send', 'receive', 'manage', 'admin'] as const).map((scope) => ({ scope, queues: '*' }))
  const admin = await tokenFor('ops', ...all)
  const orders = (scope: Scope) => tokenFor('shop', { scope, queues: 'orders*' })
  const tokens = { send: await orders('send'), receive: await orders('receive'), manage: await orders('manage') }
  const shopAdmin = await tokenFor('shop', { scope: 'admin', queues: '*' })
  await engine.createQueue({ account: 'shop', queue: 'orders' })
  await engine.createQueue({ account: 'shop', queue: 'other' })

  const pathOf = (path: string) => path.replace(':queue', 'orders').replaceAll(/:\w+/g, 'x')

  test('asks for credentials', async () => {
    for (const { operation } of allOperations) {
      const answer = await call(operation.method, pathOf(operation.path))
      if (operation.access.to === 'anyone') assert.equal(answer.status, 200)
      else {
        assert.equal(content(answer, 401).code, 'Unauthorized')
        assert.equal(answer.headers['www-authenticate'], 'Bearer realm="millrace"')
      }
    }
  })

  test('refuses credentials that are none', async () => {
    for (const token of ['nonsense', `${admin}x`, admin.slice(0, -1)]) {
      const answer = await call('GET', '/queues', { token })
      assert.equal(content(answer, 401).code, 'Unauthorized')
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="millrace", error="invalid_token"')
    }
    const basic = await call('GET', '/queues', { headers: { authorization: 'Basic YTpi' } })
    assert.match(content(basic, 401).detail, /not of the form "Bearer TOKEN"/)
  })

  test('names the scope that is missing', async () => {
    for (const { operation } of allOperations) {
      const { access } = operation
      if (access.to === 'queue') {
        for (const scope of ['send', 'receive', 'manage'] as const) {
          if (access.scopes.some((allowed) => allowed === scope)) continue
          const { data } = content(await call(operation.method, pathOf(operation.path), { token: tokens[scope] }), 403)
          assert.deepEqual(data, { scope: access.scopes[0], queue: 'orders' })
        }
        const { queues } = { queues: operation.path.replace(':queue', 'other').replaceAll(/:\w+/g, 'x') }
        for (const token of Object.values(tokens))
          assert.equal((await call(operation.method, queues, { token })).status, 403)
      }
      if (access.to === 'server') {
        const { data } = content(await call(operation.method, pathOf(operation.path), { token: tokens.manage }), 403)
        assert.deepEqual(data, { scope: 'admin' })
      }
    }
  })

  test('lets each scope do its own', async () => {
    const send = await call('POST', '/queues/orders-2/messages', { token: tokens.send, bytes: 'x' })
    const { id } = content<S.SentMessage>(send, 201)
    assert.equal((await call('POST', '/queues/orders-2/receive', { token: tokens.receive })).status, 200)
    assert.equal((await call('POST', '/queues/orders-2/purge', { token: tokens.manage })).status, 200)
    for (const token of Object.values(tokens))
      assert.equal((await call('GET', `/messages/${id}`, { token })).status, 200)
  })

  test('shows queues and tasks that the key may manage', async () => {
    const names = async (token: string, headers = {}) =>
      content<S.QueuePage>(await call('GET', '/queues', { token, headers }), 200).queues.map(({ name }) => name)
    await engine.createQueue({ account: 'shop', queue: 'orders-2' })
    assert.deepEqual(await names(tokens.manage), ['orders', 'orders-2'])
    assert.deepEqual(await names(tokens.send), [])
    assert.deepEqual(await names(admin), [])
    await engine.startRedrive({ account: 'shop', queue: 'other', to: 'orders' })
    assert.deepEqual(content<S.Tasks>(await call('GET', '/tasks', { token: tokens.manage }), 200).tasks, [])
    assert.equal((await call('GET', '/tasks?queue=other', { token: tokens.manage })).status, 403)
    const [task] = await engine.listTasks({ account: 'shop' })
    assert.equal((await call('GET', `/tasks/${task?.id}`, { token: tokens.manage })).status, 403)
    assert.equal((await call('DELETE', `/tasks/${task?.id}`, { token: tokens.manage })).status, 403)
  })

  test('keeps messages of other queues and accounts to themselves', async () => {
    const [sent] = await engine.send({ account: 'shop', queue: 'other', messages: [{ body: Buffer.from('x') }] })
    assert.equal((await call('GET', `/messages/${sent?.id}`, { token: tokens.receive })).status, 403)
    assert.equal((await call('GET', `/messages/${sent?.id}`, { token: admin })).status, 404)
    assert.equal((await call('GET', `/queues/orders/messages/${sent?.id}`, { token: tokens.receive })).status, 404)
  })

  test('lets claims delete by id, and else only who manages', async () => {
    const ids = ['01b8a3d5c4000000000004d2']
    const remove = async (token: string, json: object) =>
      (await call('POST', '/queues/orders/messages/delete', { token, json })).status
    assert.equal(await remove(tokens.receive, { ids }), 403)
    assert.equal(await remove(tokens.manage, { ids }), 200)
    assert.notEqual(await remove(tokens.receive, { ids, claim: 'c' }), 403)
    const one = `/queues/orders/messages/${ids[0]}`
    assert.equal((await call('DELETE', one, { token: tokens.receive })).status, 403)
    assert.equal((await call('DELETE', one, { token: tokens.manage })).status, 200)
  })

  test('sends nothing by a detour to a queue that the key may not send to', async () => {
    const { send, receive, manage } = tokens
    const json = { deadLetterQueue: 'other' }
    const batch = { messages: [{ body: 1 }, { body: 2, ...json }] }
    const copy = { do: 'copy', to: 'other' }
    const detours = [
      call('POST', '/queues/orders/messages?deadLetterQueue=other', { token: send, bytes: 'x' }),
      call('POST', '/queues/orders/messages/batch', { token: send, json: batch }),
      call('POST', '/queues/orders/receive', { token: receive, json }),
      call('PUT', '/queues/orders', { token: manage, json }),
      call('PATCH', '/queues/orders', { token: manage, json }),
      call('POST', '/queues/orders/redrive', { token: manage, json: { to: 'other' } }),
      call('POST', '/queues/orders/messages/act', { token: manage, json: { ids: ['x'], action: copy } }),
      call('POST', '/queues/orders/tasks', { token: manage, json: { action: copy } }),
    ]
    for (const answer of await Promise.all(detours)) assert.equal(content(answer, 403).data.queue, 'other')
  })

  test('lets only the scope admin name another account', async () => {
    const headers = { 'x-millrace-account': 'shop' }
    assert.equal((await call('GET', '/queues', { token: tokens.manage, headers })).status, 200)
    assert.equal((await call('GET', '/queues', { token: admin, headers })).status, 200)
    const other = await call('GET', '/queues', { token: tokens.manage, headers: { 'x-millrace-account': 'ops' } })
    assert.equal(content(other, 403).data.account, 'ops')
    const names = content<S.QueuePage>(await call('GET', '/queues?limit=1', { token: admin, headers }), 200)
    assert.equal(names.queues[0]?.account, 'shop')
    assert.equal((await call('POST', '/queues/q/messages', { token: shopAdmin, bytes: 'x' })).status, 403)
  })

  test('notes which key sent a message', async () => {
    await call('POST', '/queues/orders-3/messages', { token: tokens.send, bytes: 'x' })
    const received = await call('POST', '/queues/orders-3/receive', { token: tokens.receive })
    const [message] = content<S.ReceivedMessages>(received, 200).messages
    const { keys } = content<S.Keys>(await call('GET', '/accounts/shop/keys', { token: admin }), 200)
    assert.equal(keys.find(({ id }) => id === message?.senderId)?.grants[0]?.scope, 'send')
  })
})
