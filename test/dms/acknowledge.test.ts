import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startStanding } from './harness.ts'

for (const queue_mode of ['NORMAL', 'FIFO', 'KAFKA_HA']) {
  test(`the examples of ordered acknowledgement (${queue_mode})`, async (t) => {
    const { dms } = await startStanding(t)
    const start = async (name: string) => {
      const queue = await dms.queue(name, { queue_mode })
      const group = await dms.group(queue, 'g')
      await dms.send(queue, 1, 2, 3)
      return { group, batch: await group.consume() }
    }
    const first = await start('a')
    assert.equal(await first.group.ack(first.batch), '3/0')

    const second = await start('b')
    const [m1, m2, m3] = second.batch
    assert.equal(await second.group.ack([m1, { failed: m2 }, m3]), '1/2')
    assert.deepEqual(await second.group.bodies(), [2, 3], 'again at once, in their order')

    const third = await start('c')
    const [n1, n2, n3] = third.batch
    assert.equal(await third.group.ack([n1, n3]), '1/1')
    assert.equal(await third.group.ack([n2]), '1/0', 'what was not mentioned stays in flight')
    assert.deepEqual(await third.group.bodies(), [3])

    const fourth = await start('d')
    const [o1, o2, o3] = fourth.batch
    assert.equal(await fourth.group.ack([o1]), '1/0')
    assert.equal(await fourth.group.ack([o2, o3]), '2/0')

    const fifth = await start('e')
    assert.equal(await fifth.group.ack([{ failed: fifth.batch[0] }]), '0/1')
    const again = await fifth.group.consume()
    assert.equal(again.length, 3, 'a failure releases what comes after it')
    assert.notEqual(again[0]?.handler, fifth.batch[0]?.handler)
    assert.equal(await fifth.group.ack(again), '3/0')
  })
}

test('a status may be left out, and stands for success', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  await dms.send(queue, 1, 2)
  const [a, b] = await group.consume()
  const message = [{ handler: a?.handler }, { handler: b?.handler, status: null }]
  assert.equal((await dms.ok(200, 'POST', `${group.path}/ack`, { message })).text, '{"success":2,"fail":0}')
})

test('what cannot be acknowledged is refused as a whole, and changes nothing', async (t) => {
  const { dms, advance } = await startStanding(t)
  const queue = await dms.queue('q', { redrive_policy: 'enable', max_consume_count: 1 })
  const group = await dms.group(queue, 'g')
  const other = await dms.group(queue, 'other')
  const elsewhere = await dms.queue('elsewhere')
  const far = await dms.group(elsewhere, 'g')
  for (const id of [queue, elsewhere]) await dms.send(id, 1, 2)
  const [a, b] = await group.consume()
  const [ofOther] = await other.consume()
  const [ofFar] = await far.consume()
  const entry = (handler: unknown, status?: unknown) => ({ message: [{ handler: a?.handler }, { handler, status }] })
  const madeUp = a?.handler.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  const cases: [number, unknown, string?][] = [
    [10540012, '{'],
    [10540012, ''],
    [10540001, {}],
    [10540001, { message: {} }],
    [10540001, { message: [] }],
    [10540001, { messages: [{ handler: a?.handler }] }],
    [10540001, entry({ handler: b?.handler })],
    [10540001, entry(undefined)],
    [10540001, entry(7)],
    [10540001, { message: [null] }],
    [10540003, entry(b?.handler, 'failed')],
    [10540003, entry(b?.handler, true)],
    [10540004, entry(ofOther?.handler)],
    [10540004, entry(ofFar?.handler)],
    [10542209, entry('')],
    [10542209, entry('eyJnIjoi')],
    [10542209, entry(madeUp)],
    [10542209, entry(a?.handler)],
    [10542205, { message: [{ handler: a?.handler }] }, 'deadletters/ack'],
    [10540001, { message: Array.from({ length: 1001 }, () => ({ handler: a?.handler })) }],
  ]
  for (const [code, body, kind = 'ack'] of cases) {
    const said = JSON.stringify(body)?.slice(0, 200)
    assert.equal(await dms.refused(400, 'POST', `${group.path}/${kind}`, body), code, said)
  }
  const wrong = await dms.call('POST', `${group.path}/ack`, entry(b?.handler, 'failed'))
  const says = "Message ack status must be either 'success' or 'fail'. It should not be 'failed'."
  assert.equal(wrong.json.message, says)
  assert.equal(await other.ack([ofOther]), '1/0', 'a handler stays valid where it belongs')
  assert.equal(await group.ack([a]), '1/0')
  const used = { message: [{ handler: a?.handler }] }
  assert.equal(await dms.refused(400, 'POST', `${group.path}/ack`, used), 10542209)
  await advance(30)
  const late = { message: [{ handler: b?.handler }] }
  assert.equal(await dms.refused(400, 'POST', `${group.path}/ack`, late), 10542209)
  const [dead] = await group.consume('time_wait=1', 'deadletters')
  assert.equal(dead?.message.body, 2)
  const asLive = { message: [{ handler: dead?.handler }] }
  assert.equal(await dms.refused(400, 'POST', `${group.path}/ack`, asLive), 10542205)
  assert.equal(await group.ack([dead], 'deadletters/ack'), '1/0')
})

test('a FIFO group gets nothing later while a batch of it is open; other groups do', async (t) => {
  const { dms, advance, waitFor } = await startStanding(t)
  const queue = await dms.queue('q', { queue_mode: 'FIFO' })
  const group = await dms.group(queue, 'g')
  const other = await dms.group(queue, 'other')
  await dms.send(queue, 1, 2, 3, 4)
  const [a, b] = await group.consume('max_msgs=2')
  assert.deepEqual(await waitFor(1, group.consume('time_wait=1')), [])
  assert.deepEqual(await other.bodies(), [1, 2, 3, 4])
  await group.ack([a])
  assert.deepEqual(await waitFor(1, group.consume('time_wait=1')), [], '2 is open still')
  await group.ack([{ failed: b }])
  assert.deepEqual(await group.bodies('max_msgs=1'), [2])
  await advance(30)
  assert.deepEqual(await group.bodies('max_msgs=3'), [2, 3, 4], 'after a time-out too')
})

test('dead letters: every way of failing counts, of one group, in order, for 72 hours', async (t) => {
  const { dms, advance, waitFor } = await startStanding(t)
  const queue = await dms.queue('q', { queue_mode: 'FIFO', redrive_policy: 'enable', max_consume_count: 2 })
  const group = await dms.group(queue, 'g')
  const other = await dms.group(queue, 'other')
  const attributes = { n: 9007199254740992 }
  await dms.send(queue, { body: 1, attributes }, 2, 3)
  const batch = await group.consume()
  assert.equal(await group.ack([{ failed: batch[0] }]), '0/1')
  await group.consume('max_msgs=2')
  await advance(30)
  assert.deepEqual(await group.numbers(), {
    produced: 3,
    consumed: 2,
    available: 1,
    produced_deadletters: 2,
    available_deadletters: 2,
  })
  const [three] = await group.consume()
  assert.equal(three?.message.body, 3, 'a dead letter holds nobody back')
  assert.equal(await group.ack([three]), '1/0')
  assert.deepEqual(await other.bodies(), [1, 2, 3])
  assert.deepEqual(await waitFor(1, other.bodies('time_wait=1', 'deadletters')), [])

  const dead = await group.consume('time_wait=1', 'deadletters')
  assert.deepEqual(
    dead.map(({ message }) => message),
    [
      { body: 1, attributes },
      { body: 2, attributes: {} },
    ],
  )
  assert.deepEqual(await waitFor(1, group.consume('time_wait=1', 'deadletters')), [], 'in flight')
  assert.equal((await group.numbers()).available_deadletters, 2)
  assert.equal(await group.ack([{ failed: dead[0] }, dead[1]], 'deadletters/ack'), '0/2')
  const again = await group.consume('time_wait=1', 'deadletters')
  assert.equal(again.length, 2, 'there is no second level')
  assert.equal(await group.ack([again[0]], 'deadletters/ack'), '1/0')
  await advance(30)
  const numbers = await group.numbers()
  assert.deepEqual([numbers.produced_deadletters, numbers.available_deadletters], [2, 1])
  await advance(72 * 3600 - 40)
  assert.equal((await group.numbers()).available_deadletters, 1, '72 hours from the move, not from the send')
  assert.equal((await dms.ok(200, 'GET', `/queues/${queue}`)).json.produced_messages, 0)
  await advance(10)
  const last = await group.numbers()
  assert.deepEqual([last.produced_deadletters, last.available_deadletters], [2, 0])
})

test('with max_consume_count 1 the first failure does it; without a policy messages come again and again', async (t) => {
  const { dms } = await startStanding(t)
  const strict = await dms.queue('strict', { redrive_policy: 'enable', max_consume_count: 1 })
  const lenient = await dms.queue('lenient')
  const kafka = await dms.queue('kafka', { queue_mode: 'KAFKA_HA', redrive_policy: 'enable', max_consume_count: 1 })
  const groups = [await dms.group(strict, 'g'), await dms.group(lenient, 'g'), await dms.group(kafka, 'g')]
  for (const id of [strict, lenient, kafka]) await dms.send(id, 'x')
  for (const group of groups) await group.ack([{ failed: (await group.consume())[0] }])
  const [one, two, three] = groups
  assert.deepEqual(await one?.bodies('time_wait=1', 'deadletters'), ['x'])
  for (const group of [two, three]) {
    for (let round = 0; round < 10; round++) await group?.ack([{ failed: (await group.consume())[0] }])
    assert.deepEqual(await group?.bodies(), ['x'])
  }
})
