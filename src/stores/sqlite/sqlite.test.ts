import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { testStore } from '../../testing/index.ts'
import { sqliteStore } from './index.ts'
import type { SqliteStore } from './store.ts'

const directories: string[] = []
after(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

testStore({ name: 'sqlite in memory', open: () => sqliteStore({ file: ':memory:' }) })

testStore({
  name: 'sqlite in a file',
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'))
    directories.push(directory)
    return sqliteStore({ directory })
  },
  reopen: async (store) => {
    const { file } = store as SqliteStore
    await store.close()
    return sqliteStore({ file })
  },
  sequences: 50,
})
