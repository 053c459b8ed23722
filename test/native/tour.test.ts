import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackupRefused } from '../../src/protocols/native/index.ts'
import { allOperations } from '../../src/protocols/native/operations.ts'
import type * as S from '../../src/protocols/native/schemas/index.ts'
import { content, startServer } from './harness.ts'

const server = await startServer({
  admin: {
    async backup(file, { progress }) {
      if (file === '/there') throw new BackupRefused(`There is a file at ${file} already.`)
      progress(1, 2)
      progress(2, 2)
      if (file === '/full') throw new Error('no space left on the device')
      return { sizeBytes: 4096 }
    },
  },
})
const { call, clock, succeeded } = server

const codeOf = async (status: number, ...args: Parameters<typeof call>) => content(await call(...args), status).code
const deleted = async (path: string) => content<S.Deleted>(await call('DELETE', path), 200).deleted

test('a tour of every operation', async (t) => {
  await t.test('queues', async () => {
    const created = await call('PUT', '/queues/orders', { json: { retentionMs: null, tags: { team: 'a' } } })
    assert.equal(content<S.Queue>(created, 201).settings.retentionMs, null)
    assert.equal(content<S.Queue>(await call('PUT', '/queues/orders'), 200).name, 'orders')
    assert.equal(await codeOf(409, 'PUT', '/queues/orders?ifExists=refuse'), 'QueueExists')
    await call('PATCH', '/queues/orders', { json: { delayMs: 5 } })
    const { settings } = content<S.Queue>(await call('PATCH', '/queues/orders', { json: { newestFirst: false } }), 200)
    assert.deepEqual([settings.delayMs, settings.tags], [5, { team: 'a' }])
    await call('PATCH', '/queues/orders', { json: { delayMs: 0 } })
    assert.equal(content<S.Queue>(await call('GET', '/queues/orders'), 200).counts.ready, 0)
    assert.equal(content<S.Queue>(await call('GET', '/queues/orders?span=true'), 200).oldest, null)
    assert.equal(content<S.QueuePage>(await call('GET', '/queues'), 200).queues.length, 1)
    assert.equal(await codeOf(404, 'GET', '/queues/none'), 'QueueNotFound')
  })

  await t.test('push targets, subscribers and declared structures', async () => {
    const url = 'https://service.example/hook'
    const input = { fields: [{ name: 'email', type: 'email', required: true }] }
    const made = content<S.Queue>(await call('PUT', '/queues/welcome', { json: { input, push: { url } } }), 201)
    assert.deepEqual([made.settings.input, made.settings.push?.url, made.settings.push?.concurrency], [input, url, 8])
    const refused = content<S.Problem>(await call('POST', '/queues/welcome/messages', { json: { email: 1 } }), 422)
    assert.deepEqual(refused.data.violations, [
      { field: 'email', rule: 'type', message: "'email' must be an e-mail address.", type: 'email', value: 1 },
    ])
    const bad = { fields: [{ name: 'email', type: 'mail' }] }
    assert.equal(await codeOf(400, 'PATCH', '/queues/welcome', { json: { input: bad } }), 'SettingInvalid')
    assert.equal(
      await codeOf(400, 'PATCH', '/queues/welcome', { json: { push: { url: 'ftp://x' } } }),
      'SettingInvalid',
    )
    await call('PATCH', '/queues/welcome', { json: { input: null, push: null, history: 'steps' } })
    const subscription = { push: { url } }
    const hook = content<S.Group>(await call('PUT', '/queues/welcome/groups/hook', { json: { subscription } }), 201)
    assert.deepEqual([hook.kind, hook.subscription?.push?.url], ['subscriber', url])
    const ending = { subscription: { expiresAt: server.clock.now() + 60_000 } }
    const changed = content<S.Group>(await call('PATCH', '/queues/welcome/groups/hook', { json: ending }), 200)
    assert.deepEqual(
      [changed.subscription?.push?.url, changed.subscription?.expiresAt],
      [url, ending.subscription.expiresAt],
    )
    assert.equal(await codeOf(404, 'PATCH', '/queues/welcome/groups/none', { json: ending }), 'GroupNotFound')
    const { targets } = content<S.PushTargets>(await call('GET', '/push-targets?queue=welcome'), 200)
    assert.deepEqual([targets[0]?.queue, targets[0]?.state], ['welcome', 'healthy'])
    assert.equal(content<S.PushHealth>(await call('POST', '/queues/welcome/push-target/resume'), 200).state, 'healthy')
    assert.equal(await codeOf(404, 'POST', '/queues/welcome/push-target/resume?group=none'), 'GroupNotFound')
    assert.equal(await deleted('/queues/welcome'), true)
  })

  await t.test('consumer groups', async () => {
    await call('PUT', '/queues/news', { json: { consumerGroups: true } })
    assert.equal(content<S.Group>(await call('PUT', '/queues/news/groups/mail'), 201).name, 'mail')
    assert.equal(content<S.Group>(await call('PUT', '/queues/news/groups/mail'), 200).kind, 'consumer')
    assert.equal(await codeOf(409, 'PUT', '/queues/news/groups/mail?ifExists=refuse'), 'GroupExists')
    assert.equal(await codeOf(409, 'PUT', '/queues/orders/groups/mail'), 'GroupsNotEnabled')
    assert.equal(content<S.Queue>(await call('GET', '/queues/news'), 200).groups.length, 1)
    const tagRule: S.TagRule = { tags: ['urgent', 'eu'], match: 'all' }
    const urgent = content<S.Group>(await call('PUT', '/queues/news/groups/urgent', { json: { tagRule } }), 201)
    assert.deepEqual([urgent.tagRule, urgent.pending], [tagRule, 0])
    const other = { tagRule: { ...tagRule, match: 'any' } }
    assert.equal(await codeOf(409, 'PUT', '/queues/news/groups/urgent', { json: other }), 'TagRuleFixed')
    for (const tags of ['urgent,eu', 'urgent']) {
      await call('POST', `/queues/news/messages?tags=${tags}`, { bytes: tags, type: 'text/plain' })
    }
    const { groups } = content<S.GroupList>(await call('GET', '/queues/news/groups'), 200)
    assert.deepEqual(
      groups.map(({ name, counts }) => [name, counts.ready]),
      [
        ['mail', 2],
        ['urgent', 1],
      ],
    )
    const taken = await call('POST', '/queues/news/receive', { json: { group: 'urgent', maxMessages: 10 } })
    assert.deepEqual(
      content<S.ReceivedMessages>(taken, 200).messages.map(({ text, tags }) => [text, tags]),
      [['urgent,eu', ['urgent', 'eu']]],
    )
    assert.equal(await deleted('/queues/news/groups/mail'), true)
    assert.equal(await deleted('/queues/news/groups/mail'), false)
    assert.equal(await deleted('/queues/news'), true)
    assert.equal(await deleted('/queues/news'), false)
  })

  await t.test('send, receive, settle', async () => {
    const send = await call('POST', '/queues/orders/messages', { bytes: 'hello', type: 'text/plain' })
    const sent = content<S.SentMessage>(send, 201)
    assert.equal(sent.duplicate, false)
    const batch = { messages: [{ body: { n: 1 } }, { text: 'x' }, { base64: 'AAE=' }] }
    const { messages } = content<S.SentMessages>(
      await call('POST', '/queues/orders/messages/batch', { json: batch }),
      201,
    )
    assert.equal(messages.length, 3)

    const receive = await call('POST', '/queues/orders/receive', { json: { maxMessages: 2 } })
    const [first, second] = content<S.ReceivedMessages>(receive, 200).messages
    assert.deepEqual([first?.id, first?.text, second?.body], [sent.id, 'hello', { n: 1 }])
    const entries = [
      { receiptHandle: first?.receiptHandle, action: { do: 'extend', visibilityTimeoutMs: 60_000 } },
      { receiptHandle: second?.receiptHandle, action: { do: 'release', failed: false } },
      { receiptHandle: 'nonsense', action: { do: 'delete' } },
    ]
    const settle = await call('POST', '/queues/orders/settle', { json: { entries } })
    const [extended, released, refused] = content<S.EntryResults>(settle, 200).results
    assert.ok(extended?.ok && released?.ok && refused && !refused.ok)
    assert.deepEqual([extended.visibleAt, refused.code], [clock.now() + 60_000, 'ReceiptHandleInvalid'])
    assert.equal(await deleted(`/queues/orders/receipts/${first?.receiptHandle}`), true)
    assert.equal(await codeOf(400, 'DELETE', '/queues/orders/receipts/nonsense'), 'ReceiptHandleInvalid')
    const [popped] = content<S.ReceivedMessages>(await call('POST', '/queues/orders/pop'), 200).messages
    assert.deepEqual([popped?.body, popped && 'receiptHandle' in popped], [{ n: 1 }, false])
  })

  await t.test('claims', async () => {
    const made = await call('POST', '/queues/orders/claims', { json: { ttlMs: 60_000, graceMs: 60_000 } })
    const claim = content<S.Claim>(made, 201)
    assert.equal(claim.messages.length, 2)
    const place = `/queues/orders/claims/${claim.id}`
    assert.equal(content<S.Claim>(await call('GET', place), 200).messages[0]?.claim, claim.id)
    const renewed = content<S.Claim>(await call('PATCH', place, { json: { ttlMs: 90_000 } }), 200)
    assert.equal(renewed.expiresAt, clock.now() + 90_000)
    assert.equal((await call('POST', '/queues/orders/claims', { json: { ttlMs: 60_000 } })).status, 204)
    assert.equal(content<S.Released>(await call('DELETE', place), 200).released, true)
    assert.equal(content<S.Released>(await call('DELETE', place), 200).released, false)
    assert.equal(await codeOf(404, 'GET', place), 'ClaimNotFound')
  })

  await t.test('look, and delete by id', async () => {
    const page = content<S.BrowsePage>(await call('GET', '/queues/orders/messages?limit=1'), 200)
    assert.equal(page.messages.length, 1)
    const next = await call('GET', `/queues/orders/messages?marker=${page.marker}`)
    const [text, bytes] = [page.messages[0]?.id, content<S.BrowsePage>(next, 200).messages[0]?.id]
    assert.equal(content<S.StoredMessage>(await call('GET', `/queues/orders/messages/${text}`), 200).text, 'x')
    const body = await call('GET', `/queues/orders/messages/${bytes}/body`)
    assert.equal(body.headers['content-type'], 'application/octet-stream')
    assert.deepEqual([...body.bytes], [0, 1])
    const got = await call('POST', '/queues/orders/messages/get', { json: { ids: [bytes, 'none', text] } })
    const ids = content<S.StoredMessages>(got, 200).messages.map(({ id }) => id)
    assert.deepEqual(ids, [bytes, text])
    assert.equal(await codeOf(404, 'GET', '/queues/orders/messages/none'), 'MessageNotFound')

    assert.equal(await deleted(`/queues/orders/messages/${text}`), true)
    assert.equal(await deleted(`/queues/orders/messages/${text}`), false)
    const both = await call('POST', '/queues/orders/messages/delete', { json: { ids: [bytes, text] } })
    const { results } = content<S.EntryResults>(both, 200)
    assert.deepEqual(
      results.map((result) => result.ok && result.changed),
      [true, false],
    )
    assert.equal(content<S.MessageStatus>(await call('GET', `/messages/${text}`), 200).ended?.outcome, 'deleted')
    assert.equal(await codeOf(404, 'GET', '/messages/none'), 'MessageNotFound')
  })

  await t.test('operate', async () => {
    const json = { messages: ['a', 'b', 'c'].map((text) => ({ text, contentType: 'text/plain' })) }
    const batch = await call('POST', '/queues/seen/messages/batch', { json })
    const [a, b] = content<S.SentMessages>(batch, 201).messages.map(({ id }) => id)
    await call('POST', '/queues/seen/receive', { json: { holder: 'me' } })
    const { workers } = content<S.QueueWorkers>(await call('GET', '/queues/seen/workers'), 200)
    assert.deepEqual([workers[0]?.name, workers[0]?.inWork], ['me', 1])

    const search = (more: object) => call('POST', '/queues/seen/messages/search', { json: more })
    const first = content<S.SearchPage>(await search({ limit: 2, maxBodyBytes: 0 }), 200)
    assert.deepEqual([first.messages[0]?.sizeBytes, first.messages[0]?.text, first.previous], [1, undefined, null])
    const second = content<S.SearchPage>(await search({ limit: 2, page: first.next }), 200)
    assert.deepEqual([second.messages[0]?.id, second.messages[0]?.holder], [a, 'me'])
    const back = content<S.SearchPage>(await search({ limit: 2, page: second.previous }), 200)
    assert.deepEqual(
      back.messages.map(({ id }) => id),
      first.messages.map(({ id }) => id),
    )
    assert.equal(await codeOf(400, 'POST', '/queues/seen/messages/search', { json: { page: 'x' } }), 'ArgumentInvalid')
    assert.equal(await codeOf(404, 'POST', '/queues/none/messages/search'), 'QueueNotFound')
    const count = await call('POST', '/queues/seen/messages/count', { json: { filter: { body: 'B' } } })
    assert.deepEqual(content<S.CountAnswer>(count, 200).types, { Q: 1, D: 0, P: 0, E: 0, F: 0, S: 0 })

    const shelve = { ids: [a, b, 'none'], action: { do: 'move', to: 'S' } }
    const acted = content<S.ActAnswer>(await call('POST', '/queues/seen/messages/act', { json: shelve }), 200)
    assert.deepEqual(
      acted.results.map(({ skipped, type }) => [skipped, type]),
      [
        ['in-work', 'Q'],
        [null, 'S'],
        ['gone', null],
      ],
    )
    const everything = { filter: { types: ['S'] }, action: { do: 'copy', to: 'orders' } }
    const task = content<S.Task>(await call('POST', '/queues/seen/tasks', { json: everything }), 202)
    assert.deepEqual([task.kind, task.total, task.to, task.by], ['copy', 1, 'orders', 'operator'])
    const exported = await call('POST', '/queues/seen/messages/export', { json: { filter: { types: ['S'] } } })
    assert.equal((JSON.parse(exported.text) as S.FoundMessage).id, b)
    const some = await call('POST', '/queues/seen/messages/export', { json: { ids: [a, b] } })
    assert.equal(some.text.split('\n').length, 3)

    const details = content<S.MessageDetails>(await call('GET', `/messages/${b}/details`), 200)
    assert.deepEqual([details.queue, details.deliveries[0]?.type, details.deliveries[0]?.text], ['seen', 'S', 'b'])
    assert.equal(await codeOf(404, 'GET', '/messages/none/details'), 'MessageNotFound')
    const queue = content<S.Queue>(await call('GET', '/queues/seen?overview=true'), 200)
    assert.deepEqual(queue.overview?.types, { Q: 2, D: 0, P: 0, E: 0, F: 0, S: 1 })
    assert.equal(queue.overview?.workers, 1)
    const { queues } = content<S.QueuePage>(await call('GET', '/queues?overview=true&prefix=seen'), 200)
    assert.equal(queues[0]?.overview?.types.S, 1)
  })

  await t.test('redrive, tasks, purge', async () => {
    await call('POST', '/queues/failed/messages', { bytes: 'x' })
    const redrive = await call('POST', '/queues/failed/redrive', { json: { to: 'orders', maxPerSecond: 1 } })
    const task = content<S.Task>(redrive, 202)
    assert.equal(content<S.Task>(await call('GET', `/tasks/${task.id}`), 200).total, 1)
    assert.equal(content<S.Tasks>(await call('GET', '/tasks?queue=failed'), 200).tasks.length, 1)
    const cancelled = await call('DELETE', `/tasks/${task.id}`)
    if (cancelled.status !== 200) assert.equal(content(cancelled, 409).code, 'TaskNotRunning')
    assert.equal(await codeOf(404, 'GET', '/tasks/none'), 'TaskNotFound')
    assert.ok(content<S.Purged>(await call('POST', '/queues/orders/purge'), 200).purged >= 0)
  })

  await t.test('watch over time', async () => {
    const watched = await call('POST', '/watch', { json: { everyAccount: true } })
    assert.equal(watched.headers['content-type'], 'text/event-stream')
    assert.match(watched.text, /^data: \{"at":\d+,"whole":true,.*\}\n\n$/)
    assert.equal(content<S.Series>(await call('GET', '/series?span=day'), 200).stepMs, 10_000)
    assert.equal(await codeOf(404, 'GET', '/series?queue=unknown'), 'QueueNotFound')
  })

  await t.test('the server', async () => {
    assert.equal(content<S.ServerInfo>(await call('GET', '/admin/info'), 200).store.kind, 'memory')
    assert.match((await call('GET', '/openapi.json')).text, /^\{"openapi":"3\.1/)
    assert.match((await call('GET', '/reference')).text, /^<!doctype html>/)

    const backup = await call('POST', '/admin/backup', { json: { file: '/new' } })
    const states = [...backup.text.matchAll(/^\{"state":"(\w+)"/gm)].map(([, state]) => state)
    assert.deepEqual(states, ['running', 'running', 'completed'])
    const failed = await call('POST', '/admin/backup', { json: { file: '/full' } })
    assert.match(failed.text, /"state":"failed","code":"Internal","detail":"no space left on the device"}\n$/)
    assert.equal(await codeOf(409, 'POST', '/admin/backup', { json: { file: '/there' } }), 'BackupRefused')
  })

  await t.test('accounts and keys', async () => {
    const named = await call('PUT', '/accounts/acme', { json: { displayName: 'Acme' } })
    assert.equal(content<S.Account>(named, 201).displayName, 'Acme')
    assert.equal(content<S.Account>(await call('PUT', '/accounts/acme'), 200).displayName, 'Acme')
    assert.ok(content<S.AccountPage>(await call('GET', '/accounts'), 200).accounts.length > 0)

    const create = await call('POST', '/accounts/acme/keys', { json: { scopes: ['admin', 'send'], queues: 'o*' } })
    const key = content<S.CreatedKey>(create, 201)
    const grants = [
      { scope: 'admin', queues: '*' },
      { scope: 'send', queues: 'o*' },
    ]
    assert.deepEqual(key.grants, grants)
    const { token } = key
    const { keys } = content<S.Keys>(await call('GET', '/accounts/acme/keys', { token }), 200)
    assert.deepEqual([keys[0]?.id, keys[0] && 'secret' in keys[0]], [key.id, false])
    assert.equal(await codeOf(404, 'GET', '/accounts/none/keys', { token }), 'AccountNotFound')
    assert.equal(await codeOf(404, 'POST', '/accounts/none/keys', { token }), 'AccountNotFound')
    const second = content<S.CreatedKey>(await call('POST', '/accounts/acme/keys', { token, json: { name: '2' } }), 201)
    const place = `/accounts/acme/keys/${second.id}`
    assert.equal(content<S.Deleted>(await call('DELETE', place, { token }), 200).deleted, true)
    assert.equal(await codeOf(404, 'DELETE', place, { token }), 'KeyNotFound')
    await call('POST', '/queues/o/messages', { token, bytes: 'x' })
    assert.equal(await codeOf(409, 'DELETE', '/accounts/acme', { token }), 'AccountNotEmpty')
    assert.equal(content<S.Deleted>(await call('DELETE', '/accounts/none', { token }), 200).deleted, false)
  })

  assert.deepEqual([...succeeded].sort(), allOperations.map(({ id }) => id).sort())
})
