import assert from 'node:assert/strict'
import { test } from 'node:test'
import { curlOf } from '../../src/protocols/native/documents/examples.ts'
import { allOperations } from '../../src/protocols/native/operations.ts'
import { content, startServer } from './harness.ts'

const { call } = await startServer({ admin: { backup: async () => ({ sizeBytes: 1 }) } })

/** The parts of a command as a shell would split it. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

const run = (command: string) => {
  const [curl, ...args] = words(command)
  assert.equal(curl, 'curl')
  let [method, bytes, type]: (string | undefined)[] = []
  let url = ''
  for (let index = 0; index < args.length; index++) {
    if (args[index] === '-X') method = args[++index]
    else if (args[index] === '-d') bytes = args[++index]
    else if (args[index] === '-H') type = args[++index]?.replace('content-type: ', '')
    else url = args[index] ?? ''
  }
  assert.match(url, /^http:\/\/127\.0\.0\.1:8080\/api\/v1\//)
  const path = url.slice('http://127.0.0.1:8080/api/v1'.length)
  return call(method ?? (bytes === undefined ? 'GET' : 'POST'), path, {
    ...(bytes !== undefined && { bytes }),
    ...(type !== undefined && { type }),
  })
}

test('every example is a request that works, or refers to what is not there', async () => {
  // What an example names that only an earlier answer could have given.
  const missing = [
    'ClaimNotFound',
    'MessageNotFound',
    'TaskNotFound',
    'KeyNotFound',
    'ReceiptHandleInvalid',
    'LeaseLost',
  ]
  await call('PUT', '/queues/orders', { json: { consumerGroups: false } })
  const last = ['deleteQueue', 'removeAccount', 'createKey']
  const order = allOperations.toSorted((a, b) => last.indexOf(a.id) - last.indexOf(b.id))
  for (const { id, operation } of order) {
    const command = curlOf(operation)
    const answer = await run(command)
    if (answer.status < 400) continue
    const { code, detail } = content(answer, answer.status)
    const expected = id.includes('Group')
      ? ['GroupsNotEnabled']
      : id === 'createKey'
        ? ['ArgumentInvalid', 'AccountNotFound']
        : missing
    assert.ok(expected.includes(code), `${command}: ${detail}`)
  }
})
