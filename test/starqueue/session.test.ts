import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { startTestServer } from '../server/harness.ts'

/** As StarQueue's users have it, to be pasted into a shell line by line. */
const session = `
B=http://127.0.0.1:8080; J='Content-Type: application/json'
curl -s -H "$J" -d '{"Version":1}' $B/accountcreate            # note accountid (A) and AuthToken (T)
curl -s -H "$J" -H "AuthToken: $T" -d '{"MessageBody":"aGVsbG8="}' $B/messagesend/$A/greetings
curl -s -H "$J" -H "AuthToken: $T" -d '{}' $B/messagereceive/$A/greetings      # note ReceiptHandle (R)
curl -s -H "$J" -H "AuthToken: $T" -d "{\\"ReceiptHandle\\":\\"$R\\"}" $B/messagedelete/$A/greetings
curl -s -H "$J" -H "AuthToken: $T" -d '{}' $B/queueslist/$A                    # empty again
`

test('the first session of a new user, word for word', async (t) => {
  const server = await startTestServer(t)
  const shell = spawn('bash', { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => shell.kill())
  const answers = shell.stdout[Symbol.asyncIterator]()
  const [setting = '', ...lines] = session.trim().split('\n')
  shell.stdin.write(`${setting.replace('http://127.0.0.1:8080', server.url)}\n`)

  const said: Record<string, unknown>[] = []
  for (const line of lines) {
    shell.stdin.write(`${line}\n`)
    const json = JSON.parse(String((await answers.next()).value)) as Record<string, unknown>
    said.push(json)
    const note = (name: string, value: unknown) => shell.stdin.write(`${name}='${String(value)}'\n`)
    if (json.accountid) note('A', json.accountid)
    if (json.AuthToken) note('T', json.AuthToken)
    const [received] = (json.MessageReceiveResult ?? []) as { ReceiptHandle: string }[]
    if (received) note('R', received.ReceiptHandle)
  }
  shell.stdin.end()
  await once(shell, 'close')

  const [made = {}, sent = {}, received = {}, deleted, listed] = said
  assert.ok(made.accountid && made.AuthToken && made.AccountPassword)
  const md5 = '0733351879b2fa9bd05c7ca3061529c0'
  const { MessageId } = sent.MessageSendResult as { MessageId: string }
  assert.deepEqual(sent, { MessageSendResult: { MessageId, MD5OfMessageBody: md5 } })
  const [message] = received.MessageReceiveResult as Record<string, unknown>[]
  assert.deepEqual(
    [message?.MessageId, message?.MessageBody, message?.QueueName, message?.ApproximateReceiveCount],
    [MessageId, 'aGVsbG8=', 'greetings', 1],
  )
  assert.deepEqual(deleted, { MessageDeleteResult: {} })
  assert.deepEqual(listed, { QueuesListResult: [] })
})
