import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainFault, isAuthorized } from './client-terms.ts'

test('pages of the authorised domains may use a key', () => {
  const rows: [domain: string, origin: string, allowed: boolean][] = [
    ['shop.example.com', 'https://shop.example.com', true],
    ['shop.example.com', 'http://shop.example.com:8080', true],
    ['Shop.Example.com', 'https://shop.example.com', true],
    ['shop.example.com', 'https://example.com', false],
    ['shop.example.com', 'https://evil-shop.example.com', false],
    ['shop.example.com', 'https://shop.example.com.evil.org', false],
    ['*.example.com', 'https://a.b.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*.example.com', 'https://evilexample.com', false],
    ['localhost:3000', 'http://localhost:3000', true],
    ['localhost:3000', 'http://localhost:3001', false],
    ['example.com:443', 'https://example.com', true],
    ['[::1]:3000', 'http://[::1]:3000', true],
    ['example.com', 'null', false],
    ['example.com', 'file://example.com', false],
    ['example.com', 'example.com', false],
  ]
  for (const [domain, origin, allowed] of rows) {
    assert.equal(domainFault(domain), undefined, domain)
    assert.equal(isAuthorized(origin, ['other.org', domain]), allowed, `${domain} ${origin}`)
  }
  assert.equal(isAuthorized('https://example.com', []), false)
})

test('what is no host is no domain', () => {
  for (const domain of ['', '*', '*.', 'https://example.com', 'example.com/path', 'a b', '.example.com', 'a..b']) {
    assert.match(domainFault(domain) ?? '', /must be a host/, domain)
  }
})
