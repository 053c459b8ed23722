import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from './address.ts'
import { Hints } from './hints.ts'

const hint = (queue: string, readied: number | null) => ({ account: 'a', queue, readied })

test('what there is to tell during the pause goes out together, and what is left when it closes goes out before', async () => {
  const sent: unknown[] = []
  let isSent = () => {}
  const hints = new Hints(parseAddress('postgres://nobody@127.0.0.1/none'), async (_channel, payload) => {
    sent.push(JSON.parse(payload).slice(1))
    isSent()
  })
  const next = () => new Promise<void>((resolve) => (isSent = resolve))

  const first = next()
  hints.tell(hint('q', 1))
  await first
  const second = next()
  hints.tell(hint('q', 2))
  hints.tell(hint('other', null))
  hints.tell(hint('q', 3))
  await second
  hints.tell(hint('q', 4))
  await hints.close()
  hints.tell(hint('q', 5))
  await hints.close()
  assert.deepEqual(sent, [
    [['a', 'q', 1]],
    [
      ['a', 'q', 5],
      ['a', 'other', null],
    ],
    [['a', 'q', 4]],
  ])
})
