// Writes docs/reference/native-api.md from the table of operations. A test says when it has to be run.

import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { referenceMarkdown } from '../src/protocols/native/documents/markdown.ts'

await writeFile(resolve(import.meta.dirname, '../docs/reference/native-api.md'), referenceMarkdown())
