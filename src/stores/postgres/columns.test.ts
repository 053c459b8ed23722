import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copiedRow } from './columns.ts'

const head = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const row = Buffer.from('0002' + '00000002' + '000a' + 'ffffffff', 'hex')
const end = Buffer.from('ffff', 'hex')

test('a copied row is read with the head before it or without, and the head alone is none', () => {
  for (const piece of [row, Buffer.concat([head, row])]) {
    const columns = copiedRow(piece)
    assert.deepEqual([columns?.number(), columns?.bytes()], [10, null])
  }
  for (const piece of [end, head, Buffer.concat([head, end])]) assert.equal(copiedRow(piece), undefined)
})
