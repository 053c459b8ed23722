import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startServer, temporaryDirectory } from './harness.ts'

const { run, start } = await startServer({ after })

test('queues are created with settings, shown, listed, changed and deleted', async () => {
  const settings = [
    '--ordering',
    'grouped',
    '--visibility-timeout',
    '2m',
    '--retention',
    'none',
    '--max-message-size',
    '64KB',
  ]
  const more = [
    '--receive-limit',
    '5',
    '--dead-letter-queue',
    'failed',
    '--tag',
    'team=a',
    '--tag',
    'tier=1',
    '--metadata',
    '{"x":[1]}',
  ]
  const created = await run(['queue', 'create', 'orders', ...settings, ...more])
  assert.equal(created.code, 0, created.stderr)
  const inForce = created.records[0]?.settings as Record<string, unknown>
  const { ordering, visibilityTimeoutMs, retentionMs, maxMessageBytes, receiveLimit, deadLetterQueue, tags, metadata } =
    inForce
  assert.deepEqual(
    [ordering, visibilityTimeoutMs, retentionMs, maxMessageBytes, receiveLimit, deadLetterQueue, tags, metadata],
    ['grouped', 120_000, null, 64_000, 5, 'failed', { team: 'a', tier: '1' }, { x: [1] }],
  )

  assert.equal((await run(['queue', 'create', 'orders', ...settings])).code, 0)
  const other = await run(['queue', 'create', 'orders', '--receive-limit', '9'])
  assert.deepEqual([other.code, /receiveLimit/.test(other.stderr)], [6, true])
  assert.equal((await run(['queue', 'create', 'orders', '--if-exists', 'refuse'])).code, 6)

  const updated = await run(['queue', 'update', 'orders', '--paused', 'on', '--receive-limit', 'none', '--no-json'])
  assert.deepEqual([updated.code, updated.stdout], [0, 'Changed receiveLimit, paused of orders.\n'])
  assert.match(
    (await run(['queue', 'show', 'orders', '--no-json'])).stdout,
    /\nvisibility-timeout +2 min\n[\s\S]*\nreceive-limit +none\n[\s\S]*\npaused +on\n/,
  )
  assert.match((await run(['queue', 'list', '--no-json'])).stdout, /^NAME +MESSAGES .*\norders +0 .* grouped, paused\n/)

  const deleted = await run(['queue', 'delete', 'orders'])
  assert.deepEqual([deleted.code, deleted.records], [0, [{ queue: 'orders', deleted: true }]])
  assert.equal((await run(['queue', 'delete', 'orders'])).code, 3)
})

test('a list of queues pages by itself, by prefix and up to a number', async () => {
  for (const name of ['p/a', 'p/b', 'p/ü ?#']) await run(['send', name, 'x'])
  const names = async (...options: string[]) =>
    (await run(['queue', 'list', ...options])).records.map(({ name }) => name)
  assert.deepEqual(await names('--prefix', 'p/'), ['p/a', 'p/b', 'p/ü ?#'])
  assert.deepEqual(await names('--prefix', 'p/', '-n', '2'), ['p/a', 'p/b'])
  assert.equal((await run(['queue', 'show', 'p/ü ?#'])).code, 0)
})

test('what cannot be undone asks, and in a script wants --yes', async () => {
  await run(['send', 'full', 'a', 'b'])
  for (const command of [
    ['purge', 'full'],
    ['queue', 'delete', 'full'],
    ['account', 'remove', 'nobody'],
  ]) {
    const { code, stderr } = await run(command)
    assert.deepEqual([code, /Give --yes/.test(stderr)], [2, true], command.join(' '))
  }
  assert.deepEqual((await run(['purge', 'full', '--yes'])).records, [{ queue: 'full', purged: 2 }])
  assert.equal((await run(['purge', 'absent', '--yes'])).code, 3)
})

test('subscribers are made, shown and deleted, and services they have called are tried again', async () => {
  await run(['queue', 'create', 'orders', '--push', 'http://127.0.0.1:9/own'])
  const made = await run(['queue', 'subscriber', 'create', 'orders', 'hook', '--push', 'http://127.0.0.1:9/hook'])
  assert.deepEqual([made.code, made.records[0]?.kind], [0, 'subscriber'], made.stderr)
  assert.equal((await run(['queue', 'subscriber', 'create', 'orders', 'audit', '--expires', '1h'])).code, 0)
  assert.equal((await run(['queue', 'subscriber', 'create', 'orders', 'audit', '--new'])).code, 6)
  assert.equal((await run(['queue', 'subscriber', 'create', 'orders', 'x', '--push', 'ftp://x/'])).code, 2)
  assert.match(
    (await run(['queue', 'subscriber', 'list', 'orders', '--no-json'])).stdout,
    /^SUBSCRIBER +URL .*\nhook +http:\/\/127\.0\.0\.1:9\/hook .* never\naudit +receives .* in /,
  )
  await run(['send', 'orders', 'hello'])
  assert.equal((await run(['receive', 'orders', '--group', 'audit', '--delete', '--bodies'])).stdout, 'hello\n')

  const targets = await run(['push', 'list', 'orders'])
  assert.deepEqual(targets.records.map(({ group }) => group).sort(), ['default', 'hook'])
  assert.match((await run(['push', 'list', '--no-json'])).stdout, /^QUEUE +FOR +STATE .*\norders +/)
  assert.equal((await run(['push', 'resume', 'orders', '--group', 'hook'])).records[0]?.group, 'hook')
  assert.match((await run(['push', 'resume', 'orders', '--no-json'])).stdout, /^http:.*\/own is tried again\.\n$/)
  assert.equal((await run(['push', 'resume', 'orders', '--group', 'audit'])).code, 3)

  assert.equal((await run(['queue', 'subscriber', 'delete', 'orders', 'hook'])).code, 0)
  assert.equal((await run(['queue', 'subscriber', 'delete', 'orders', 'hook'])).code, 3)
  await run(['queue', 'delete', 'orders', '--yes'])
})

test('consumer groups each see every message', async () => {
  await run(['queue', 'create', 'events', '--consumer-groups', 'on'])
  for (const group of ['billing', 'audit'])
    assert.equal((await run(['queue', 'group', 'create', 'events', group])).code, 0)
  assert.equal((await run(['queue', 'group', 'create', 'events', 'audit', '--new'])).code, 6)
  await run(['send', 'events', 'hello'])
  for (const group of ['billing', 'audit']) {
    assert.equal((await run(['receive', 'events', '--group', group, '--delete', '--bodies'])).stdout, 'hello\n')
  }
  await run(['queue', 'subscriber', 'create', 'events', 'hook'])
  assert.match(
    (await run(['queue', 'group', 'list', 'events', '--no-json'])).stdout,
    /^GROUP .*\nbilling +0 .*\naudit +0 .*\n$/,
  )
  assert.equal((await run(['queue', 'group', 'delete', 'events', 'hook'])).code, 3, 'it is a subscriber')
  assert.equal((await run(['queue', 'group', 'delete', 'events', 'audit'])).code, 0)
  assert.equal((await run(['queue', 'group', 'delete', 'events', 'audit'])).code, 3)
  assert.equal((await run(['receive', 'events', '--group', 'audit'])).code, 3)
})

test('a queue without consumer groups has none to list', async () => {
  await run(['queue', 'create', 'plain'])
  const { stdout, stderr } = await run(['queue', 'group', 'list', 'plain', '--no-json'])
  assert.deepEqual([stdout, stderr], ['', 'plain has no consumer groups.\n'])
  assert.deepEqual((await run(['queue', 'group', 'list', 'plain'])).records, [])
})

test('what messages must look like is given as JSON, or in a file, and taken back', async (t) => {
  const file = join(temporaryDirectory(t), 'order.json')
  const schema = { type: 'object', properties: { order: { type: 'integer' } }, required: ['order'] }
  writeFileSync(file, JSON.stringify({ schema }))
  const inputOf = async (...options: string[]) => {
    const { code, records, stderr } = await run(['queue', ...options])
    assert.equal(code, 0, stderr)
    return (records[0]?.settings as Record<string, unknown> | undefined)?.input
  }
  const fields = [{ name: 'email', type: 'email', required: true }]
  assert.deepEqual(await inputOf('create', 'declared', '--input', JSON.stringify({ fields })), { fields })
  const refused = await run(['send', 'declared', '{"email":"nobody"}'])
  assert.deepEqual([refused.code, /email/.test(refused.stderr)], [2, true], refused.stderr)

  assert.deepEqual(await inputOf('update', 'declared', '--input', file), { schema })
  assert.equal((await run(['send', 'declared', '{"order":"x"}'])).code, 2)
  assert.equal((await run(['send', 'declared', '{"order":7}'])).code, 0)
  assert.equal(await inputOf('update', 'declared', '--input', 'none'), null)
  assert.equal((await run(['send', 'declared', 'anything'])).code, 0)
  assert.match((await run(['queue', 'update', 'declared', '--input', '/no/such/file'])).stderr, /cannot be read/)
})

test('dead letters are moved back to where they came from, or elsewhere', async () => {
  await run([
    'queue',
    'create',
    'jobs',
    '--receive-limit',
    '1',
    '--dead-letter-queue',
    'jobs-failed',
    '--visibility-timeout',
    '0s',
  ])
  await run(['queue', 'create', 'jobs-failed'])
  await run(['send', 'jobs', 'a', 'b'])
  const dead = start(['tail', 'jobs-failed', '--interval', '50ms'])
  await run(['receive', 'jobs', '-n', '2', '--visibility-timeout', '1ms'])
  await dead.until(/"text":"b"/)
  await dead.stop('SIGINT')

  const moved = await run(['redrive', 'jobs-failed'])
  assert.deepEqual([moved.code, moved.records[0]?.state, moved.records[0]?.changed], [0, 'completed', 2], moved.stderr)
  assert.equal((await run(['peek', 'jobs'])).records.length, 2)

  await run(['queue', 'create', 'other'])
  const elsewhere = await run(['redrive', 'jobs', '--to', 'other', '--no-json'])
  assert.equal(elsewhere.stdout, 'Moved 2 messages.\n')
  const started = await run(['redrive', 'other', '--to', 'jobs', '--detach'])
  const id = String(started.records[0]?.id)
  assert.equal((await run(['redrive', '--watch', id])).records[0]?.state, 'completed')
  assert.equal((await run(['redrive', '--cancel', id])).code, 6)
  assert.ok((await run(['redrive', '--list'])).records.length >= 3)
  assert.equal((await run(['redrive'])).code, 2)
  assert.equal((await run(['redrive', 'absent'])).code, 3)
})

test('Ctrl-C cancels a redrive', async () => {
  await run(['send', 'slow', '--lines', 'text'], { input: 'x\n'.repeat(500) })
  await run(['queue', 'create', 'fast'])
  const moving = start(['redrive', 'slow', '--to', 'fast', '--max-per-second', '1'])
  const listed = async () => (await run(['redrive', 'slow', '--list'])).records
  const arrived = start(['tail', 'fast', '--interval', '50ms'])
  await arrived.until(/"text":"x"/)
  await arrived.stop('SIGINT')
  const { code, records } = await moving.stop('SIGINT')
  assert.deepEqual([code, records[0]?.state], [130, 'cancelled'])
  assert.equal((await listed())[0]?.state, 'cancelled')
})
