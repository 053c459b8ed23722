import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startServer } from './harness.ts'

const { run } = await startServer({ after })

test('accounts and keys: who may do what', async () => {
  assert.equal((await run(['account', 'create', 'acme'])).code, 0)
  const refused = await run(['key', 'create', 'acme', '--scope', 'send'])
  assert.notEqual(refused.code, 0, 'the first key of an open server has to be able to make others')
  const scopes = ['--scope', 'admin', 'send', 'receive', 'manage']
  const created = await run(['key', 'create', 'acme', '--quiet', '--name', 'boss', ...scopes])
  const admin = { MILLRACE_TOKEN: created.stdout.trim() }
  assert.match(created.stdout, /^\S+\n$/)

  const anonymous = await run(['queue', 'list'])
  assert.deepEqual([anonymous.code, /MILLRACE_TOKEN/.test(anonymous.stderr)], [4, true])
  assert.equal((await run(['queue', 'list', '--token', 'wrong'])).code, 4)

  const made = await run(['key', 'create', 'acme', '--scope', 'send', '--queues', 'o*', '--expires', '1h'], {
    env: admin,
  })
  const sender = { MILLRACE_TOKEN: String(made.records[0]?.token) }
  assert.equal((await run(['send', 'orders', 'x'], { env: sender })).code, 0)
  assert.equal((await run(['send', 'private', 'x'], { env: sender })).code, 4)
  assert.equal((await run(['receive', 'orders'], { env: sender })).code, 4)
  const missing = await run(['send', 'private', 'x', '--json'], { env: sender })
  assert.deepEqual((JSON.parse(missing.stderr) as { error: { code: string } }).error.code, 'Forbidden')

  const listed = await run(['key', 'list', 'acme', '--no-json'], { env: admin })
  assert.match(listed.stdout, /^ID +NAME +CLIENT +SCOPES +CREATED +EXPIRES +LAST USED\n/)
  assert.match(listed.stdout, / send:o\* .* in \d+ min.* (?:now|\d+ \w+ ago)\n/)

  const text = 'the-key-of-an-old-client'
  const terms = ['--client-key', text, '--enforce-session', '--domain', 'a.example', '--domain', '*.b.example']
  const client = await run(['key', 'create', 'acme', '--client', '--scope', 'send', ...terms, '--quiet'], {
    env: admin,
  })
  assert.equal(client.stdout, `${text}\n`)
  const shown = await run(['key', 'list', 'acme', '--no-json'], { env: admin })
  assert.match(shown.stdout, / session: a\.example \*\.b\.example +send /)
  assert.equal((await run(['send', 'orders', 'x', '--token', text])).code, 4, 'it is no bearer token')
  const plain = await run(['key', 'create', 'acme', '--client', '--no-json'], { env: admin })
  assert.match(plain.stdout, /^client key +[0-9a-z]{40}\nid +\S+\n$/)
  const wrong = await run(['key', 'create', 'acme', '--domain', 'https://x'], { env: admin })
  assert.match(wrong.stderr, /client\.authorizedDomains must be a host such as/)

  const id = String(made.records[0]?.id)
  assert.equal((await run(['key', 'revoke', 'acme', id], { env: admin })).code, 0)
  assert.equal((await run(['key', 'revoke', 'acme', id], { env: admin })).code, 3)
  assert.equal((await run(['send', 'orders', 'x'], { env: sender })).code, 4)

  assert.equal((await run(['account', 'create', 'other'], { env: admin })).code, 0)
  assert.deepEqual(
    (await run(['account', 'list'], { env: admin })).records
      .map(({ name }) => name)
      .filter((name) => name !== 'default'),
    ['acme', 'other'],
  )
  await run(['send', 'theirs', 'x', '--account', 'other'], { env: admin })
  assert.deepEqual(
    (await run(['queue', 'list', '--account', 'other'], { env: admin })).records.map(({ name }) => name),
    ['theirs'],
  )
  assert.equal((await run(['account', 'remove', 'other', '--yes'], { env: admin })).code, 6)
  await run(['queue', 'delete', 'theirs', '--yes', '--account', 'other'], { env: admin })
  assert.equal((await run(['account', 'remove', 'other', '--yes'], { env: admin })).code, 0)
  assert.equal((await run(['account', 'remove', 'other', '--yes'], { env: admin })).code, 3)
})
