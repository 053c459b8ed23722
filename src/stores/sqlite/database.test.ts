import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { afterPrefix } from '../sql/encoding.ts'
import { MultiDelete, MultiInsert, Select } from './database.ts'

test('many rows in few statements: every one, once, in whatever number', () => {
  for (const count of [0, 1, 3, 4, 15, 16, 17, 63, 64, 65, 85, 300]) {
    for (const maxRows of [1, 5, 64]) {
      const database = new DatabaseSync(':memory:')
      database.exec('CREATE TABLE pair (key INTEGER PRIMARY KEY, value INTEGER) STRICT')
      const insert = new MultiInsert<number>(database, 'INSERT INTO pair', ['key', 'value'], (key, into) => {
        into.push(key, key * 2)
      })
      const select = new Select(database, 'SELECT key, value FROM pair ORDER BY key', ([key, value]) => [key, value])
      const keys = Array.from({ length: count }, (_, index) => index)
      insert.run(keys, maxRows)
      assert.deepEqual(
        select.all(),
        keys.map((key) => [key, key * 2]),
      )
      const remove = new MultiDelete(database, 'DELETE FROM pair WHERE value >= ? AND key')
      remove.run(
        keys.filter((key) => key !== 2),
        0,
      )
      assert.deepEqual(select.all(), count > 2 ? [[2, 4]] : [])
      database.close()
    }
  }
})

test('what comes after a prefix, in the order of code points', () => {
  assert.equal(afterPrefix('ab'), 'ac')
  assert.equal(afterPrefix(''), undefined)
  assert.equal(afterPrefix('a\u{d7ff}'), 'a\u{e000}')
  assert.equal(afterPrefix('a\u{ffff}'), 'a\u{10000}')
  assert.equal(afterPrefix('a\u{10ffff}'), 'b')
  assert.equal(afterPrefix('\u{10ffff}'), undefined)
})
