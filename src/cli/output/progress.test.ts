import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressBar, progressLine } from './progress.ts'

test('a line says how far it is, how fast it goes and what is left', () => {
  assert.equal(
    progressLine({ label: 'Exporting', done: 500, total: 2000, since: 0, elapsedMs: 1000 }, 79),
    'Exporting  ██████░░░░░░░░░░░░░░░░░░ 25 %  500 of 2,000  500/s  3 s left',
  )
  assert.equal(
    progressLine({ label: 'Importing', done: 1500, total: undefined, since: 500, elapsedMs: 500 }, 79),
    'Importing  1,500  2,000/s',
  )
  assert.match(progressLine({ label: 'Nothing', done: 0, total: 0, since: 0, elapsedMs: 0 }, 79), /100 % {2}0 of 0$/)
})

test('the bar takes what room is left', () => {
  const state = { label: 'Exporting', done: 500, total: 2000, since: 0, elapsedMs: 1000 }
  assert.equal(progressLine(state, 60), 'Exporting  ███░░░░░░░░░░ 25 %  500 of 2,000  500/s  3 s left')
  assert.match(progressLine(state, 10), /^Exporting {2}█░░░░ 25 %/)
})

test('the bar is redrawn at most ten times a second, the last state always, and cleared at the end', () => {
  let now = 0
  const written: string[] = []
  const bar = progressBar({ columns: 40, write: (text) => written.push(text) }, 'Moving', () => now)
  bar.update(0, 100)
  now = 50
  bar.update(10, 100)
  now = 100
  bar.update(20, 100)
  now = 101
  bar.update(100, 100)
  assert.equal(written.length, 3)
  assert.ok(written.every((text) => text.startsWith('\r\u001b[2K') && text.length <= 5 + 39))
  bar.end()
  bar.end()
  assert.deepEqual(written.slice(3), ['\r\u001b[2K'])
})

test('a bar that was never drawn leaves no trace', () => {
  const written: string[] = []
  progressBar({ write: (text) => written.push(text) }, 'Nothing').end()
  assert.deepEqual(written, [])
})
