import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailboxIn } from './mailto.ts'

test('a mailto URL names one address, and perhaps a subject', () => {
  for (const [url, address, subject] of [
    ['mailto:ops@example.com', 'ops@example.com', undefined],
    ['MAILTO:a+b@example.com?Subject=Two%20words', 'a+b@example.com', 'Two words'],
    ['mailto:%C3%BC@example.com?subject=', 'ü@example.com', ''],
  ] as const) {
    assert.deepEqual(mailboxIn(url), { address, subject }, url)
  }
})

test('what would be sent to others, or break out of a header, is none', () => {
  for (const url of [
    'mailto:',
    'mailto:ops',
    'mailto:@example.com',
    'mailto:a@example.com,b@example.com',
    'mailto:a@example.com%2Cb@example.com',
    'mailto:%22A%22%20%3Ca@example.com%3E',
    'mailto:a@example.com%0D%0ABcc:b@example.com',
    'mailto:a@b@example.com',
    'mailto:%zz@example.com',
    'mailto:a@example.com?bcc=b@example.com',
    'mailto:a@example.com?subject=x&cc=b@example.com',
    'mailto:a@example.com?subject=x%0ABcc:%20b@example.com',
    'mailto:a@example.com#b',
    `mailto:a@${'b'.repeat(260)}`,
    'http://example.com/a@example.com',
    'ops@example.com',
  ]) {
    assert.equal(mailboxIn(url), undefined, url)
  }
})
