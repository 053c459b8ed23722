import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startNode } from '../../../test/postgres/node.ts'
import { freshUrl, withoutPostgres } from '../../../test/postgres/shared.ts'
import { isRefusal } from '../../core/errors.ts'

describe('what PostgreSQL cannot take', withoutPostgres, () => {
  test('fails by itself, and nothing else that came with it', async (t) => {
    const { engine } = await startNode(t, { url: await freshUrl(), listen: false })
    const put = (collection: string) => engine.putDocument({ collection, key: 'k', value: collection, expiresAt: null })
    // U+0000 is no character of a text there.
    const [before, bad, after] = await Promise.allSettled([put('before'), put('b\u0000d'), put('after')])
    assert.deepEqual(
      [before, after].map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    )
    assert.ok(bad.status === 'rejected' && !isRefusal(bad.reason), 'to try it again would be in vain')
    assert.equal((await engine.getDocument('after', 'k'))?.value, 'after')
    const [found, wrong] = await Promise.allSettled([
      engine.getDocument('before', 'k'),
      engine.getDocument('b\u0000d', 'k'),
    ])
    assert.deepEqual([found.status, wrong.status], ['fulfilled', 'rejected'])
  })
})
