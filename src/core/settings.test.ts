import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from '../testing/test-engine.ts'
import type { QueueRecord, QueueSettingsPatch } from './queue.ts'
import { applySettings, checkSettingsChange, defaultSettings, settingRanges } from './settings.ts'

const apply = (patch: QueueSettingsPatch) => applySettings(defaultSettings, patch, 'q')
const ranges = Object.entries(settingRanges)

test('a patch changes what it names and nothing else; undefined names nothing', () => {
  assert.deepEqual(apply({}), defaultSettings)
  assert.deepEqual(apply({ delayMs: 5, retentionMs: undefined }), { ...defaultSettings, delayMs: 5 })
  assert.deepEqual(apply({ receiveLimit: null, metadata: { a: [1] } }).metadata, { a: [1] })
})

test('the defaults can be', () => {
  assert.deepEqual(applySettings(defaultSettings, defaultSettings, 'q'), defaultSettings)
})

test('every number is taken from its least to its most, and refused by name beyond', () => {
  for (const [setting, { min, max, nullable }] of ranges) {
    for (const value of [min, max]) assert.equal(apply({ [setting]: value })[setting as 'delayMs'], value, setting)
    const wrong: unknown[] = [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY, '5', true, [5]]
    if (!nullable) wrong.push(null)
    else assert.equal(apply({ [setting]: null })[setting as 'delayMs'], null)
    for (const value of wrong) {
      assert.throws(
        () => apply({ [setting]: value }),
        refusal('SettingInvalid', { setting }),
        `${setting} ${String(value)}`,
      )
    }
  }
})

test('settings of other kinds are checked too', () => {
  const wrong: Record<string, unknown[]> = {
    ordering: ['fifo', null, 1],
    deadLetters: ['keep', null],
    deadLetterAt: ['never', null],
    deduplicationScope: ['account', null],
    keepFinished: ['all', true, null],
    newestFirst: ['yes', 1, null],
    consumerGroups: [1, null],
    contentDeduplication: ['true'],
    history: [null],
    paused: [0],
    description: [5, null],
    deadLetterQueue: [5, '', 'q', '\ud800'],
    metadata: [null, [], 'x'],
    tags: [null, [], { a: 1 }],
    door: [null, 'x'],
  }
  for (const [setting, values] of Object.entries(wrong)) {
    for (const value of values) {
      assert.throws(
        () => apply({ [setting]: value }),
        refusal('SettingInvalid', { setting }),
        `${setting} ${String(value)}`,
      )
    }
  }
})

test('what is not a setting is refused, also where JavaScript would find something', () => {
  for (const setting of ['color', 'toString', '__proto__', 'constructor']) {
    const patch = JSON.parse(`{"${setting}": 1}`) as QueueSettingsPatch
    assert.throws(() => apply(patch), refusal('SettingInvalid', { setting }), setting)
  }
})

test('newest first is for unordered queues', () => {
  assert.equal(apply({ newestFirst: true }).newestFirst, true)
  for (const ordering of ['grouped', 'ordered'] as const) {
    assert.throws(() => apply({ newestFirst: true, ordering }), refusal('SettingInvalid', { setting: 'newestFirst' }))
  }
})

const queue: QueueRecord = {
  id: 1,
  account: 'a',
  name: 'q',
  explicit: true,
  settings: defaultSettings,
  createdAt: 0,
  modifiedAt: 0,
  groups: [],
}

test('what the messages of a queue do not allow is refused with how many there are', () => {
  const change = (patch: QueueSettingsPatch, held: { messages: number; reprocessing: number }) => () =>
    checkSettingsChange(queue, apply(patch), held)
  const some = { messages: 3, reprocessing: 0 }
  const none = { messages: 0, reprocessing: 0 }
  change({ delayMs: 9, retentionMs: null, paused: true, receiveLimit: 1 }, some)()
  change({ ordering: 'ordered' }, none)()
  change({ newestFirst: true }, none)()
  for (const patch of [{ ordering: 'grouped' }, { newestFirst: true }] as const) {
    assert.throws(change(patch, some), (error) => refusal('QueueNotEmpty')(error) && /\b3\b/.test(String(error)))
  }
  assert.throws(
    change({ ordering: 'ordered' }, { messages: 3, reprocessing: 2 }),
    /2 messages .* delayed for reprocessing/,
  )
  assert.throws(change({ consumerGroups: true }, none), refusal('SettingInvalid', { setting: 'consumerGroups' }))
})
