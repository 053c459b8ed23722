import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startServer } from './harness.ts'

const { run, start } = await startServer({ after })
const texts = (records: readonly Record<string, unknown>[]) => records.map(({ text }) => text)
const countsOf = async (queue: string) =>
  (await run(['queue', 'show', queue])).records[0]?.counts as Record<string, number>

test('tail shows the last messages, then each new one, and takes none', async () => {
  await run(['send', 'log', 'a', 'b', 'c'])
  const tail = start(['tail', 'log', '-n', '2', '--interval', '50ms'])
  await tail.until(/"text":"c"/)
  await run(['send', 'log', 'd'])
  await tail.until(/"text":"d"/)
  const { code, records } = await tail.stop('SIGINT')
  assert.deepEqual([code, texts(records)], [0, ['b', 'c', 'd']])
  assert.equal((await countsOf('log')).ready, 4)
})

test('tail waits for a queue that is not there yet, and goes on after a purge', async () => {
  const tail = start(['tail', 'later', '--bodies', '--interval', '50ms'])
  await run(['send', 'later', 'first'])
  await tail.until(/first/)
  await run(['purge', 'later', '--yes'])
  await run(['send', 'later', 'second'])
  await tail.until(/second/)
  const { code, stdout } = await tail.stop('SIGINT')
  assert.deepEqual([code, stdout], [0, 'first\nsecond\n'])
})

test('receive --follow goes on until Ctrl-C, and deletes what it wrote', async () => {
  const following = start(['receive', 'jobs', '--follow', '--delete', '--bodies'])
  await run(['send', 'jobs', 'one'])
  await following.until(/one/)
  await run(['send', 'jobs', 'two', 'three'])
  await following.until(/three/)
  const { code, stdout } = await following.stop('SIGINT')
  assert.deepEqual([code, stdout], [0, 'one\ntwo\nthree\n'])
  assert.equal((await run(['receive', 'jobs'])).code, 3)
})

test('Ctrl-C releases what receive still holds, as if it had not been received', async () => {
  await run(['send', 'held', 'a', 'b'])
  const following = start(['receive', 'held', '--follow'])
  await following.until(/"text":"b"/)
  assert.equal((await countsOf('held')).leased, 2)
  assert.equal((await following.stop('SIGINT')).code, 0)
  const { records } = await run(['peek', 'held'])
  assert.deepEqual(
    records.map(({ state, receiveCount }) => [state, receiveCount]),
    [
      ['ready', 0],
      ['ready', 0],
    ],
  )
})

test('Ctrl-C while waiting for a message ends at once', async () => {
  const waiting = start(['receive', 'empty', '--wait', '10m'])
  await run(['send', 'other', 'x'])
  const { code, stdout } = await waiting.stop('SIGINT')
  // It may not have come as far as to listen.
  assert.ok(code === 130 || code === null, String(code))
  assert.equal(stdout, '')
})

test('when the reader goes away, messages that it has not seen are released', async () => {
  await run(['send', 'piped', '--lines', 'text'], { input: 'x'.repeat(20_000).concat('\n').repeat(50) })
  const receiving = start(['receive', 'piped', '-n', '50', '--delete'])
  receiving.process.stdout?.once('data', () => receiving.process.stdout?.destroy())
  const { code, stderr } = await receiving.end()
  assert.deepEqual([code, stderr], [0, ''])
  const { ready, leased, done } = await countsOf('piped')
  assert.equal(leased, 0)
  assert.ok((ready ?? 0) > 0 && (ready ?? 0) + (done ?? 0) === 50, `${ready} ready, ${done} done`)
})
