// Writes the operations into docs/protocols/dms.md from their table. A test says when it has to be run.

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { operationsReference } from '../src/protocols/dms/reference.ts'

const page = resolve(import.meta.dirname, '../docs/protocols/dms.md')
const [before = '', rest = ''] = readFileSync(page, 'utf8').split('<!-- operations -->')
const after = rest.slice(rest.indexOf('<!-- /operations -->'))
writeFileSync(page, `${before}<!-- operations -->\n\n${operationsReference()}\n\n${after}`)
