import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, durationOrNone, jsonObject, none, onOff, pair, size, whole } from './values.ts'

test('durations have units; a bare number means seconds', () => {
  const given = ['250ms', '30s', '5m', '1h30m', '14d', '2w', '1.5', '0', '0.5s', '1min']
  assert.deepEqual(
    given.map(duration),
    [250, 30_000, 300_000, 5_400_000, 1_209_600_000, 1_209_600_000, 1500, 0, 500, 60_000],
  )
  for (const wrong of ['', 'soon', '5 m', '-1s', '1x', '1e9', '99999999999999999d']) {
    assert.throws(() => duration(wrong), /Give a duration/)
  }
  assert.equal(durationOrNone('none'), none)
})

test('sizes', () => {
  assert.deepEqual(['512', '64KB', '1MiB', '1.5kb', '2 gib'].map(size), [512, 64_000, 1_048_576, 1500, 2_147_483_648])
  for (const wrong of ['', 'big', '-1', '1XB']) assert.throws(() => size(wrong), /Give a size/)
})

test('whole numbers have a range', () => {
  assert.equal(whole(1, 10)('10'), 10)
  assert.equal(whole(-5)('-5'), -5)
  for (const wrong of ['0', '11', '1.5', 'x', '']) assert.throws(() => whole(1, 10)(wrong), /from 1 to 10/)
})

test('pairs add up, and may hold an equals sign', () => {
  assert.deepEqual(pair('b=x=y', pair('a=', undefined)), { a: '', b: 'x=y' })
  assert.throws(() => pair('=x', undefined), /NAME=VALUE/)
})

test('JSON objects, switches', () => {
  assert.deepEqual(jsonObject('{"a":[1]}'), { a: [1] })
  for (const wrong of ['[1]', '1', 'null', '{a:1}']) assert.throws(() => jsonObject(wrong), /JSON object/)
  assert.deepEqual(['on', 'off'].map(onOff), [true, false])
  assert.throws(() => onOff('perhaps'), /on or off/)
})
