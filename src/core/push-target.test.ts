import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, testEngine } from '../testing/test-engine.ts'

const url = 'https://service.example/hook'

test('settings of a target that cannot be are refused with their place', async () => {
  await using t = testEngine()
  const cases: [object, string][] = [
    [{ url: 'ftp://x' }, 'push.url'],
    [{ url: 'https://user:secret@x/' }, 'push.url'],
    [{ url: 'nonsense' }, 'push.url'],
    [{ url, concurrency: 0 }, 'push.concurrency'],
    [{ url, timeoutMs: 1.5 }, 'push.timeoutMs'],
    [{ url, maxPerSecond: 0 }, 'push.maxPerSecond'],
    [{ url, retries: { max: -1 } }, 'push.retries.max'],
    [{ url, retries: { max: 1, minDelayMs: 5, maxDelayMs: 1 } }, 'push.retries.maxDelayMs'],
    [{ url, retries: { max: 1, delaysMs: [] } }, 'push.retries.delaysMs'],
    [{ url, headers: { 'x-ok': 'a\r\nx-bad: b' } }, 'push.headers.x-ok'],
    [{ url, headers: { Host: 'x' } }, 'push.headers.Host'],
    [{ url, headers: { 'X-Message-Id': 'x' } }, 'push.headers.X-Message-Id'],
    [{ url, signingSecrets: ['short'] }, 'push.signingSecrets'],
    [{ url, signingSecrets: [`whsec_${Buffer.alloc(24).toString('base64')}`] }, 'push.signingSecrets'],
    [{ url, colour: 'red' }, 'push.colour'],
  ]
  for (const [push, setting] of cases) {
    await assert.rejects(
      t.create('q', { push: push as never }),
      refusal('SettingInvalid', { setting }),
      JSON.stringify(push),
    )
  }
  await assert.rejects(t.create('q', { push: { url }, consumerGroups: true }), refusal('SettingInvalid'))
})
