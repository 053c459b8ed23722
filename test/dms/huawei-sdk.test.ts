// The vendor's own SDK for Node.js, unmodified: it signs, sends and reads answers; what its generated part would say is said here.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core'
import { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js'
import { DefaultHttpClient } from '@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient.js'
import { accountNamed, secretOf, startTestServer } from '../server/harness.ts'
import { project } from './harness.ts'

/** It would print every refusal. */
const silent = { debug() {}, info() {}, warn() {}, error() {} }

interface Failure {
  readonly httpStatusCode: number
  readonly errorCode: string
  readonly errorMsg: string
  readonly requestId: string
}

test('the SDK signs requests, reads answers, and shows refusals', async (t) => {
  const { url } = await startTestServer(t, { accounts: [accountNamed(project)] })
  const credentials = (secret: string) => new BasicCredentials().withAk(project).withSk(secret).withProjectId(project)
  const clientWith = (secret: string): HcClient =>
    new HcClient(new DefaultHttpClient({ logger: silent } as object, [url]))
      .withEndpoints([url])
      .withCredential(credentials(secret))
  const client = clientWith(secretOf(project))
  const call = (
    method: string,
    path: string,
    { query = {}, body }: { query?: object; body?: object } = {},
    from = client,
  ) =>
    from.sendRequest({
      method,
      url: `/v2/{project_id}${path}`,
      contentType: 'application/json',
      queryParams: query,
      pathParams: { project_id: project },
      headers: {},
      ...(body ? { data: body } : {}),
      // biome-ignore lint/suspicious/noExplicitAny: its generated clients hold the types.
    } as any) as Promise<any>

  const queue = await call('POST', '/queues', { body: { name: 'orders', queue_mode: 'FIFO' } })
  assert.equal(queue.httpStatusCode, 201)
  const { groups } = await call('POST', `/queues/${queue.id}/groups`, { body: { groups: [{ name: 'g' }] } })
  const sent = await call('POST', `/queues/${queue.id}/messages`, {
    body: {
      messages: [
        { body: 'Grüße', attributes: { a: 'b' } },
        { body: { n: 1 }, delay_time: 0 },
      ],
      return_id: true,
    },
  })
  assert.deepEqual(
    sent.messages.map(({ state, error, error_code }: Record<string, unknown>) => [state, error, error_code]),
    [
      [0, null, null],
      [0, null, null],
    ],
  )
  const group = `/queues/${queue.id}/groups/${groups[0].id}`
  const received = await call('GET', `${group}/messages`, { query: { max_msgs: 2, time_wait: 1, ack_wait: 15 } })
  assert.deepEqual(
    received.map(({ message }: { message: object }) => message),
    [
      { body: 'Grüße', attributes: { a: 'b' } },
      { body: { n: 1 }, attributes: {} },
    ],
  )
  const message = received.map(({ handler }: { handler: string }) => ({ handler, status: 'success' }))
  const acknowledged = await call('POST', `${group}/ack`, { body: { message } })
  assert.deepEqual([acknowledged.success, acknowledged.fail], [2, 0])
  const list = await call('GET', '/queues', { query: { include_deadletter: true } })
  assert.equal(list.queues[0].redrive_policy, 'disable')
  assert.equal((await call('GET', '/quotas')).quotas.resources[0].quota, 30)
  assert.equal((await call('DELETE', `/queues/${queue.id}`)).httpStatusCode, 204)

  const shows = async (promise: Promise<unknown>): Promise<Failure> => {
    const error = await promise.then(
      () => assert.fail('it was not refused'),
      (thrown: Failure) => thrown,
    )
    return error
  }
  const gone = await shows(call('GET', `/queues/${queue.id}`))
  assert.deepEqual([gone.httpStatusCode, gone.errorCode], [404, 'DMS.10240401'])
  assert.equal(gone.errorMsg, 'The queue ID is incorrect or not found.')
  assert.ok(gone.requestId)
  const wrong = await shows(call('GET', '/queues', {}, clientWith('not the secret at all')))
  assert.deepEqual([wrong.httpStatusCode, wrong.errorCode], [401, 'DMS.10240101'])
})
