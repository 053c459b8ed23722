import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createClient, isMillraceError, type Millrace } from '../../src/client/index.ts'
import { projectIdOf } from '../../src/core/identity/project-id.ts'
import { openMillrace } from '../../src/index.ts'
import { startTestServer } from '../server/harness.ts'
import { inEveryForm, temporaryDirectory } from './forms.ts'

inEveryForm('queues are made, listed, changed and deleted', async ({ millrace }) => {
  const { queue, created } = await millrace.queues.create('a/b ü?', { visibilityTimeoutMs: 5000, tags: { team: 'x' } })
  assert.equal(created, true)
  assert.equal(queue.name, 'a/b ü?')
  assert.equal(queue.explicit, true)
  assert.equal(queue.settings.visibilityTimeoutMs, 5000)
  assert.equal('door' in queue.settings, false)
  assert.equal((await millrace.queues.create('a/b ü?')).created, false)
  await assert.rejects(millrace.queues.create('a/b ü?', {}, { ifExists: 'refuse' }), (error) =>
    isMillraceError(error, 'QueueExists'),
  )
  await assert.rejects(millrace.queues.create('a/b ü?', { delayMs: 1 }, { ifExists: 'match' }), (error) =>
    isMillraceError(error, 'QueueExists'),
  )
  await assert.rejects(
    millrace.queues.update('a/b ü?', { delayMs: -1 }),
    (error) => isMillraceError(error, 'InvalidRequest') || isMillraceError(error, 'SettingInvalid'),
  )
  assert.equal((await millrace.queues.update('a/b ü?', { delayMs: 7 })).settings.delayMs, 7)
  assert.equal((await millrace.queue('a/b ü?').update({ delayMs: 0 })).settings.delayMs, 0)

  await millrace.queue('virtual').send(1)
  const first = await millrace.queues.list({ limit: 1 })
  assert.deepEqual(
    first.queues.map(({ name }) => name),
    ['a/b ü?'],
  )
  const second = await millrace.queues.list({ limit: 1, after: first.next ?? '' })
  assert.deepEqual(
    second.queues.map(({ name, explicit }) => [name, explicit]),
    [['virtual', false]],
  )
  assert.equal((await millrace.queues.list({ prefix: 'v' })).queues.length, 1)

  const info = await millrace.queue('virtual').info({ span: true })
  assert.equal(info.counts.ready, 1)
  assert.equal(info.oldest?.id, info.newest?.id)
  assert.equal(await millrace.queue('virtual').purge(), 1)
  assert.equal(await millrace.queues.delete('a/b ü?'), true)
  assert.equal(await millrace.queues.delete('a/b ü?'), false)
})

inEveryForm('every consumer group sees every message', async ({ millrace }) => {
  await millrace.queues.create('events', { consumerGroups: true })
  assert.equal((await millrace.groups.create('events', 'audit')).created, true)
  assert.equal((await millrace.groups.create('events', 'audit')).created, false)
  await assert.rejects(millrace.groups.create('events', 'audit', { ifExists: 'refuse' }), (error) =>
    isMillraceError(error, 'GroupExists'),
  )
  await millrace.groups.create('events', 'mail')
  await millrace.queue<string>('events').send('signed up')
  for (const group of ['audit', 'mail']) {
    const queue = millrace.queue<string>('events', { group })
    const [message] = await queue.receive()
    assert.equal(message?.body, 'signed up')
    assert.equal(message?.group, group)
    await message?.delete()
    assert.deepEqual(await queue.receive(), [])
  }
  const names = (await millrace.groups.list('events')).map(({ name }) => name)
  assert.ok(names.includes('audit') && names.includes('mail'))
  assert.equal(await millrace.groups.delete('events', 'audit'), true)
  assert.equal(await millrace.groups.delete('events', 'audit'), false)
})

inEveryForm('accounts and keys are kept', async ({ millrace }) => {
  const { accounts, keys } = millrace.admin
  const account = await accounts.create('acme', { displayName: 'Acme' })
  const { createdAt, ...described } = account
  assert.deepEqual(described, { name: 'acme', displayName: 'Acme', projectId: projectIdOf('acme') })
  assert.deepEqual(
    (await accounts.list()).accounts.find(({ name }) => name === 'acme'),
    { ...described, createdAt },
  )
  await assert.rejects(keys.create('nobody'), (error) => isMillraceError(error, 'AccountNotFound'))
  assert.deepEqual(await keys.list('acme'), [])
  assert.equal(await keys.delete('acme', 'nothing'), false)
  assert.equal(await accounts.delete('acme'), true)
  assert.equal(await accounts.delete('acme'), false)
})

inEveryForm('a Millrace tells what it is', async ({ millrace }) => {
  const info = await millrace.admin.info()
  assert.equal(info.store.kind, 'memory')
  assert.match(info.runtime, /^node /)
  await assert.rejects(millrace.admin.backup('nowhere.db'), (error) => isMillraceError(error, 'NotSupported'))
})

test('a key made in process is good for a server over the same data', async (t) => {
  const directory = temporaryDirectory(t)
  const embedded = await openMillrace({ directory })
  await embedded.admin.accounts.create('acme')
  const { token } = await embedded.admin.keys.create('acme', { scopes: ['send', 'receive', 'manage', 'admin'] })
  await embedded.close()

  const { url } = await startTestServer(t, {}, { directory })
  const stranger = createClient({ url, token: 'mr_wrong_wrong' })
  await assert.rejects(stranger.queue('q').send(1), (error) => {
    assert.ok(isMillraceError(error, 'Unauthorized'))
    assert.equal(error.status, 401)
    assert.ok(error.requestId)
    return true
  })
  const client = createClient({ url, token, account: 'acme' })
  await client.queue('q').send(1)
  assert.equal((await client.queue('q').info()).account, 'acme')
  await Promise.all([stranger.close(), client.close()])
})

const backsUp = async (t: TestContext, millrace: Millrace): Promise<void> => {
  const file = join(temporaryDirectory(t), 'copy.db')
  await millrace.queue('q').sendMany(Array.from({ length: 100 }, (_, body) => ({ body })))
  const steps: number[] = []
  const { sizeBytes } = await millrace.admin.backup(file, { onProgress: ({ done }) => steps.push(done) })
  assert.ok(sizeBytes > 0 && existsSync(file))
  assert.ok(steps.length > 0)
  await assert.rejects(millrace.admin.backup(file), (error) => isMillraceError(error, 'BackupRefused'))
}

test('a backup is written while work goes on (over HTTP)', async (t) => {
  const { url } = await startTestServer(t)
  const millrace = createClient({ url })
  t.after(() => millrace.close())
  await backsUp(t, millrace)
})

test('a backup is written while work goes on (in process)', async (t) => {
  const millrace = await openMillrace({ directory: temporaryDirectory(t) })
  t.after(() => millrace.close())
  await backsUp(t, millrace)
})

test('one process at a time', async (t) => {
  const directory = temporaryDirectory(t)
  const millrace = await openMillrace({ directory })
  await millrace.queue('q').send('kept')
  await assert.rejects(openMillrace({ directory }), (error) => isMillraceError(error, 'StoreUnavailable'))
  await millrace.close()
  await assert.rejects(millrace.queue('q').send('late'), (error) => isMillraceError(error, 'Closed'))
  const again = await openMillrace({ directory })
  assert.equal((await again.queue<string>('q').receive())[0]?.body, 'kept')
  await again.close()
})
