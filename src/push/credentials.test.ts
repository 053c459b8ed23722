import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { secrets, url, world } from '../../test/push/world.ts'
import { openTarget } from '../core/push-secrets.ts'
import { completePushTarget } from '../core/push-target.ts'
import { fakeClock, memoryStore } from '../testing/index.ts'
import { account, at, refusal, testEngine } from '../testing/test-engine.ts'
import { status } from './fake-service.ts'

suite('signatures', () => {
  const key = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`

  test('are those of Standard Webhooks, one for each secret; the secrets are kept and shown sealed', async () => {
    // The library that verifies looks at the machine's clock.
    await using w = world({ secrets, clock: fakeClock(Date.now()) })
    await w.create('q', { signingSecrets: [key(1), key(2)] })
    w.service.reply = () => status(200)
    await w.t.send('q', '{"ü":1}')
    await w.idle()
    const [call] = w.service.calls
    assert.ok(call)
    for (const fill of [1, 2]) {
      assert.deepEqual(new Webhook(key(fill)).verify('{"ü":1}', { ...call.headers }), { ü: 1 })
    }
    assert.throws(() => new Webhook(key(3)).verify('{"ü":1}', { ...call.headers }))
    assert.throws(() => new Webhook(key(1)).verify('{"ü":2}', { ...call.headers }))
    const { push } = (await w.t.engine.getQueue(at('q'))).settings
    assert.equal(
      push?.signingSecrets.every((secret) => secret.startsWith('sealed:')),
      true,
    )
    assert.ok(!JSON.stringify(await w.t.engine.listDocuments({ collection: 'push-target', limit: 9 })).includes(key(1)))
  })

  test('go on when settings are written back as they were shown, and change with a secret', async () => {
    await using w = world({ secrets, clock: fakeClock(Date.now()) })
    await w.create('q', { signingSecrets: [key(1)] })
    const { push } = (await w.t.engine.getQueue(at('q'))).settings
    assert.ok(push)
    await w.t.engine.updateQueue({ ...at('q'), settings: { push } })
    const signingSecrets = [...push.signingSecrets, key(2)]
    await w.t.engine.updateQueue({ ...at('q'), settings: { push: { ...push, signingSecrets } } })
    await w.t.engine.createQueue({
      ...at('q'),
      settings: { push: { url, signingSecrets: [key(1), key(2)] } },
      ifExists: 'match',
    })
    w.service.reply = () => status(200)
    await w.t.send('q', '{}')
    await w.idle()
    for (const fill of [1, 2])
      new Webhook(key(fill)).verify('{}', { ...w.service.calls[0]?.headers } as Record<string, string>)
    const foreign = { url, signingSecrets: [`sealed:${secrets.seal(key(1), 'push target of somebody else')}`] }
    await assert.rejects(w.t.engine.updateQueue({ ...at('q'), settings: { push: foreign } }), refusal('SettingInvalid'))
  })

  test('that cannot be made stop the calls, and say so', async () => {
    const store = memoryStore()
    const clock = fakeClock()
    {
      await using before = testEngine({ store, clock, secrets })
      await before.create('q', { push: { url, signingSecrets: [key(1)] } })
      await before.send('q', 'x')
    }
    await using w = world({ store: await store.reopen(), clock })
    await w.idle()
    const [health] = w.dispatcher.list({ account })
    assert.deepEqual([w.service.calls.length, health?.state], [0, 'paused'])
    assert.match(health?.lastError?.reason ?? '', /sealed with another server key/)
  })
})

suite('headers', () => {
  const authorization = 'Bearer an-open-secret'
  const push = { url, headers: { authorization } }

  test('are kept and shown sealed, and sent in clear', async () => {
    await using w = world({ secrets })
    await w.create('q', { headers: { authorization } })
    await w.t.engine.createGroup({ ...at('q'), group: 's', subscription: { push } })
    w.service.reply = () => status(200)
    await w.t.send('q', 'x')
    await w.idle()
    assert.deepEqual(
      w.service.calls.map(({ headers }) => headers.authorization),
      [authorization, authorization],
    )
    const queue = await w.t.engine.getQueue(at('q'))
    assert.match(queue.settings.push?.headers.authorization ?? '', /^sealed:/)
    const documents = await w.t.engine.listDocuments({ collection: 'push-target', limit: 9 })
    assert.equal(documents.length, 2)
    const shown = JSON.stringify([queue, documents])
    assert.deepEqual([queue.groups.length, shown.includes('an-open-secret')], [2, false])
  })

  test('go on when settings are written back as they were shown, but to no other address', async () => {
    await using w = world({ secrets })
    await w.create('q', { headers: { authorization } })
    const { push: shown } = (await w.t.engine.getQueue(at('q'))).settings
    assert.ok(shown)
    const update = (target: object) =>
      w.t.engine.updateQueue({ ...at('q'), settings: { push: { ...shown, ...target } } })
    assert.deepEqual((await update({})).settings.push, shown)
    const moved = await update({ url: 'https://service.example/other', concurrency: 2 })
    assert.deepEqual(moved.settings.push?.headers, shown.headers)
    for (const elsewhere of [
      'https://other.example/hook',
      'http://service.example/hook',
      'https://service.example:8443/hook',
    ]) {
      await assert.rejects(
        update({ url: elsewhere }),
        refusal('SettingInvalid', { setting: 'push.headers.authorization' }),
        elsewhere,
      )
    }
    await update({ url: 'https://other.example/', headers: { authorization: 'Bearer another' } })
    await w.idle()
    w.service.reply = () => status(200)
    await w.t.send('q', 'x')
    await w.idle()
    const [call] = w.service.calls
    assert.deepEqual([call?.url, call?.headers.authorization], ['https://other.example/', 'Bearer another'])
  })

  test('given again are the ones that are there', async () => {
    await using t = testEngine({ secrets })
    await t.create('q', { push })
    const again = (headers: Record<string, string>) =>
      t.engine.createQueue({ ...at('q'), settings: { push: { url, headers } }, ifExists: 'match' })
    assert.equal((await again({ authorization })).created, false)
    await assert.rejects(again({ authorization: 'Bearer another' }), refusal('QueueExists', { setting: 'push' }))
  })

  test('that were kept in clear are sent as they are', () => {
    const target = completePushTarget(push, 'push')
    assert.deepEqual(openTarget(secrets, account, target)?.headers, { authorization })
    assert.deepEqual(openTarget(undefined, account, target)?.headers, { authorization })
  })

  test('need a key to be sealed with, and that key to be sent', async () => {
    await using without = testEngine()
    await assert.rejects(without.create('q', { push }), refusal('SettingInvalid', { setting: 'push.headers' }))

    const store = memoryStore()
    const clock = fakeClock()
    {
      await using before = testEngine({ store, clock, secrets })
      await before.create('q', { push })
      await before.send('q', 'x')
    }
    await using w = world({ store: await store.reopen(), clock })
    await w.idle()
    assert.deepEqual([w.service.calls.length, w.dispatcher.list({ account })[0]?.state], [0, 'paused'])
  })
})
