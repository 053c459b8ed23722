// Writes the operations into docs/protocols/cloud-queues.md from their table. A test says when it has to be run.

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { operationsReference } from '../src/protocols/cloud-queues/reference.ts'

const page = resolve(import.meta.dirname, '../docs/protocols/cloud-queues.md')
const [before = '', rest = ''] = readFileSync(page, 'utf8').split('<!-- operations -->')
const after = rest.slice(rest.indexOf('<!-- /operations -->'))
writeFileSync(page, `${before}<!-- operations -->\n\n${operationsReference()}\n\n${after}`)
