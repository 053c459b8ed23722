import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AddressPolicy } from './addresses.ts'
import { AddressRefused, addressCheck, guardedLookup, parseNetwork } from './addresses.ts'

const policy = (more: Partial<AddressPolicy> = {}): AddressPolicy => ({
  all: false,
  loopback: false,
  networks: [],
  ...more,
})
const may = (address: string, more?: Partial<AddressPolicy>) => addressCheck(() => policy(more))(address)

test('public addresses may be called, special ones may not, in whatever form', () => {
  for (const address of [
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '2606:4700::1111',
  ]) {
    assert.equal(may(address), true, address)
  }
  assert.equal(may('::ffff:8.8.8.8'), true)
  const refused = [
    '127.0.0.1 127.255.255.255 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 100.127.255.255',
    '192.0.0.1 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255',
    ':: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ::ffff:a9fe:a9fe 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:7f00:1::',
    'fc00::1 fdff::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 2001:db8::1 100::1',
    'localhost 1.2.3 example.com',
  ]
  for (const address of refused.flatMap((line) => line.split(' '))) assert.equal(may(address), false, address)
})

test('what the configuration allows may be called, and nothing beside it', () => {
  assert.equal(may('10.0.0.1', { all: true }), true)
  assert.equal(may('127.0.0.2', { loopback: true }), true)
  assert.equal(may('::1', { loopback: true }), true)
  assert.equal(may('::ffff:127.0.0.1', { loopback: true }), true)
  assert.equal(may('10.0.0.1', { loopback: true }), false)
  const networks = ['10.1.0.0/16', 'fd00::/8', '192.168.7.7']
  for (const address of ['10.1.2.3', 'fd00::1', '192.168.7.7', '::ffff:10.1.2.3'])
    assert.equal(may(address, { networks }), true, address)
  for (const address of ['10.2.0.1', 'fc00::1', '192.168.7.8', '127.0.0.1'])
    assert.equal(may(address, { networks }), false, address)
})

test('a network is an address with the length of its prefix, or without', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), { address: '10.0.0.0', bits: 8, family: 'ipv4' })
  assert.deepEqual(parseNetwork('::1'), { address: '::1', bits: 128, family: 'ipv6' })
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    'fd00::/129',
    '10.0.0.0/8/8',
    'host/8',
    '10.0.0.0/-1',
  ]) {
    assert.equal(parseNetwork(text), undefined, text)
  }
})

test('a lookup gives only addresses that may be called, and says so when there are none', () => {
  const check = addressCheck(() => policy())
  const answers = [
    { address: '10.0.0.1', family: 4 },
    { address: '8.8.8.8', family: 4 },
    { address: '::1', family: 6 },
  ]
  const look = (found: typeof answers, options: { all?: boolean; family?: number }) => {
    let seen: unknown[] = []
    guardedLookup(check, (_host, _options, done) => done(null, found))('service.example', options, (...given) => {
      seen = given
    })
    return seen
  }
  assert.deepEqual(look(answers, { all: true }), [null, [answers[1]]])
  assert.deepEqual(look(answers, {}), [null, '8.8.8.8', 4])
  const [error] = look(answers.slice(2), { all: true })
  assert.ok(error instanceof AddressRefused)
  assert.match(error.message, /service\.example is at ::1, a private or local address/)
})
