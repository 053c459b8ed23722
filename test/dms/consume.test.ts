import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Received, startStanding } from './harness.ts'

test('numbers of a request have ranges and defaults, and an empty value is none', async (t) => {
  const { dms, advance } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const cases: [number, string][] = [
    [10240014, 'max_msgs=0'],
    [10240014, 'max_msgs=11'],
    [10240014, 'max_msgs=1.5'],
    [10240014, 'max_msgs=ten'],
    [10240021, 'time_wait=0'],
    [10240021, 'time_wait=61'],
    [10240021, 'time_wait=-1'],
    [10542206, 'ack_wait=14'],
    [10542206, 'ack_wait=301'],
    [10542206, 'ack_wait=x'],
    [10540014, 'max_msgs=%zz'],
  ]
  for (const [code, query] of cases) {
    for (const kind of ['messages', 'deadletters']) {
      assert.equal(await dms.refused(400, 'GET', `${group.path}/${kind}?${query}`), code, query)
    }
  }
  await dms.send(queue, ...Array.from({ length: 10 }, (_, index) => index))
  await dms.send(queue, 10)
  assert.equal((await group.consume('&max_msgs=&&time_wait=&ack_wait=&unknown=1&')).length, 10)
  await advance(29.999)
  assert.equal((await group.numbers()).available, 1)
  await advance(0.001)
  assert.equal((await group.numbers()).available, 11, 'ack_wait is 30 seconds')
  assert.equal((await group.consume('max_msgs=1&ack_wait=300&time_wait=60')).length, 1)
  await advance(299.999)
  assert.equal((await group.numbers()).available, 10)
})

test('a consumer waits for a first message, as long as it says, and is answered as soon as there is one', async (t) => {
  const { dms, waitFor, waiting } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  assert.deepEqual(await waitFor(3, group.consume('')), [], 'three seconds if it does not say')
  const first = group.bodies('time_wait=60')
  await waiting()
  await dms.send(queue, 'new')
  assert.deepEqual(await first, ['new'])
  const second = group.consume('time_wait=60&ack_wait=60')
  const [again] = await waitFor(30, second)
  assert.equal(again?.message.body, 'new', 'after a time-out')
  const third = group.bodies('time_wait=60')
  await waiting()
  await group.ack([{ failed: again }])
  assert.deepEqual(await third, ['new'], 'after a failure')

  await dms.send(queue, { body: 'delayed', delayTime: 20_000 })
  assert.deepEqual(await waitFor(20, group.bodies('time_wait=60')), ['delayed'], 'when a delay is over')
  const last = dms.call('GET', `${group.path}/messages?time_wait=60`)
  await waiting()
  await dms.ok(204, 'DELETE', `/queues/${queue}`)
  const { status, json } = await last
  assert.deepEqual([status, json.code], [404, 10240401], 'its queue went')
})

test('what is in flight is hidden from its group only, and a client that polls until there is nothing comes to an end', async (t) => {
  const { dms, waitFor } = await startStanding(t)
  const queue = await dms.queue('q')
  const one = await dms.group(queue, 'one')
  const two = await dms.group(queue, 'two')
  for (let sent = 0; sent < 25; sent += 5) await dms.send(queue, ...Array.from({ length: 5 }, (_, i) => sent + i))
  const seen: Received[] = []
  for (let round = 0; round < 3; round++) seen.push(...(await one.consume('time_wait=1&ack_wait=300')))
  assert.equal(seen.length, 25)
  assert.deepEqual(await waitFor(1, one.consume('time_wait=1')), [])
  assert.equal((await two.consume()).length, 10)
  assert.equal(await one.ack(seen), '25/0', 'all handlers in one call')
  assert.equal(new Set(seen.map(({ handler }) => handler)).size, 25)
})

test('one answer carries at most 512 KB, and always one message', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const large = 'x'.repeat(200_000)
  for (let sent = 0; sent < 3; sent++) await dms.send(queue, large)
  assert.equal((await group.consume()).length, 2)
  assert.equal((await group.consume()).length, 1)
  await dms.ok(201, 'POST', `/queues/${queue}/messages`, `{"messages":[{"body":"${'\\u00fc'.repeat(262_142)}"}]}`)
  assert.equal((await group.consume()).length, 1, 'its text is longer than what it says')
})

test('a client that goes away leaves its messages as they were', async (t) => {
  const { dms, waiting } = await startStanding(t)
  const queue = await dms.queue('q', { redrive_policy: 'enable', max_consume_count: 1 })
  const group = await dms.group(queue, 'g')
  const away = new AbortController()
  const gone = dms.call('GET', `${group.path}/messages?time_wait=60`, undefined, { signal: away.signal })
  await waiting()
  away.abort()
  await assert.rejects(gone)
  await dms.send(queue, 'x')
  assert.deepEqual(await group.bodies('time_wait=60'), ['x'])
  assert.equal((await group.numbers()).produced_deadletters, 0)
})

test('tags: a group has one rule, from the first call that names one', async (t) => {
  const { dms, waitFor } = await startStanding(t)
  const queue = await dms.queue('q', { queue_mode: 'FIFO' })
  const [urgent, both, all] = [
    await dms.group(queue, 'urgent'),
    await dms.group(queue, 'both'),
    await dms.group(queue, 'all'),
  ]
  await dms.send(
    queue,
    { body: 1 },
    { body: 2, tags: ['urgent'] },
    { body: 3, tags: ['eu', 'x'] },
    { body: 4, tags: ['eu', 'urgent'] },
    { body: 5, tags: 'urgent' },
  )
  const got = await urgent.consume('tag=urgent&max_msgs=2')
  assert.deepEqual(
    got.map(({ message }) => message),
    [
      { body: 2, attributes: {}, tags: ['urgent'] },
      { body: 4, attributes: {}, tags: ['eu', 'urgent'] },
    ],
  )
  assert.equal((await urgent.numbers()).available, 1)
  assert.equal((await urgent.numbers()).produced, 5)
  assert.deepEqual(await both.bodies('tag=urgent&tag=eu&tag_type=and'), [4])
  assert.deepEqual(await all.bodies(), [1, 2, 3, 4, 5])
  for (const query of ['', 'tag=eu', 'tag=urgent&tag=eu', 'tag_type=or']) {
    assert.equal(await dms.refused(400, 'GET', `${urgent.path}/messages?time_wait=1&${query}`), 10542204, query)
  }
  assert.equal(await dms.refused(400, 'GET', `${both.path}/messages?tag=urgent&tag=eu`), 10542204, 'or is not and')
  assert.equal(await urgent.ack(got), '2/0')
  assert.deepEqual(await urgent.bodies('tag=urgent&tag_type=or'), [5])
  await dms.send(queue, { body: 6, tags: ['eu'] }, { body: 7, tags: ['eu', 'urgent'] })
  assert.deepEqual(await waitFor(1, both.bodies('tag=eu&tag=urgent&tag_type=AND&time_wait=1')), [], '4 is in flight')

  const fresh = `${all.path}/messages`
  for (const query of ['tag=a&tag=b&tag=c&tag=d', 'tag=a%20b', `tag=${'x'.repeat(65)}`]) {
    assert.equal(await dms.refused(400, 'GET', `${fresh}?${query}`), 10240004, query)
  }
  assert.equal(await dms.refused(400, 'GET', `${fresh}?tag=a&tag_type=nor`), 10550035)
  assert.equal((await all.numbers()).available, 2, 'what was refused fixed nothing')
})
