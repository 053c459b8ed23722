// The clients of OpenStack, as Debian ships them.

import { test } from 'node:test'
import { accountNamed, secretOf, startTestServer } from '../server/harness.ts'
import { noPython, runPython } from './python.ts'

test('python-zaqarclient, v1', { skip: noPython }, async (t) => {
  const { url } = await startTestServer(t)
  await runPython('zaqarclient_v1.py', url)
})

test('python-zaqarclient, v1.1 and v2', { skip: noPython }, async (t) => {
  const { url } = await startTestServer(t)
  await runPython('zaqarclient_later.py', url)
})

const password = 'a-password-for-the-shop'
const closed = { accounts: [{ ...accountNamed('shop'), password }] }

test('clients log in with a key, into an account of any name', { skip: noPython }, async (t) => {
  const { url } = await startTestServer(t, closed)
  await runPython('zaqarclient_keystone.py', url, 'shop', secretOf('shop'), 'shop')
  const keyed = await startTestServer(t, { accounts: [{ ...accountNamed('shop'), name: 'a shop/ü' }] })
  await runPython('openstacksdk.py', keyed.url, 'shop', secretOf('shop'), 'a shop/ü')
})

test('openstacksdk, at an open server and at a closed one', { skip: noPython }, async (t) => {
  const open = await startTestServer(t)
  await runPython('openstacksdk.py', open.url, 'anybody', 'anything', 'p1')
  const { url } = await startTestServer(t, closed)
  await runPython('openstacksdk.py', url, 'shop', password, 'shop')
})
