import assert from 'node:assert/strict'
import * as v from 'valibot'
import { z } from 'zod'
import { isMillraceError } from '../../src/client/index.ts'
import { inEveryForm } from './forms.ts'

inEveryForm('bodies are held to a schema of zod', async ({ millrace }) => {
  const schema = z.object({ at: z.string().transform((text) => new Date(text)), count: z.number().default(1) })
  const queue = millrace.queue('dates', { schema })
  await queue.send({ at: '2030-01-01T00:00:00.000Z' })
  const [message] = await queue.receive()
  assert.deepEqual(message?.body, { at: new Date('2030-01-01T00:00:00.000Z'), count: 1 })
  assert.equal(message?.text(), '{"at":"2030-01-01T00:00:00.000Z"}')

  // @ts-expect-error what the compiler sees too
  await assert.rejects(queue.send({ at: 7 }), (error) => {
    assert.ok(isMillraceError(error, 'InvalidBody'))
    assert.deepEqual((error.data.issues as { path: string[] }[])[0]?.path, ['at'])
    return true
  })
  assert.equal((await queue.info()).counts.ready, 0)
})

inEveryForm('bodies are held to a schema of valibot that needs time', async ({ millrace }) => {
  const even = v.pipeAsync(
    v.number(),
    v.checkAsync(async (number) => number % 2 === 0, 'must be even'),
  )
  const queue = millrace.queue('even', { schema: even })
  const results = await Promise.allSettled([queue.send(2), queue.send(3), queue.sendMany([{ body: 4 }, { body: 5 }])])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  assert.equal((await queue.receive({ maxMessages: 10 })).length, 1)
})

inEveryForm(
  'a message that is not what the schema says is handed out, and says so when it is read',
  async ({ millrace }) => {
    const schema = z.object({ order: z.number() })
    await millrace.queue('mixed').sendMany([{ body: { order: 1 } }, { body: 'no' }, { body: '{', contentType: 'x/y' }])
    const queue = millrace.queue('mixed', { schema, check: 'receive' })
    const [good, bad, worse] = await queue.receive({ maxMessages: 3 })
    assert.equal(good?.body.order, 1)
    assert.throws(
      () => bad?.body,
      (error) => isMillraceError(error, 'InvalidBody'),
    )
    assert.throws(() => worse?.body)
    assert.equal(bad?.text(), 'no')
    await bad?.delete()

    const trusting = millrace.queue('mixed', { schema, check: 'send' })
    await assert.rejects(trusting.send(JSON.parse('{"order":"x"}')), (error) => isMillraceError(error, 'InvalidBody'))
  },
)
