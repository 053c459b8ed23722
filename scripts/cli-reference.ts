// Writes docs/reference/cli.md from the definitions of the commands. A test says when it has to be run.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { loadProgram } from '../src/cli/program.ts'
import { renderReference } from '../src/cli/reference.ts'

const page = resolve(import.meta.dirname, '../docs/reference/cli.md')
await mkdir(dirname(page), { recursive: true })
await writeFile(page, renderReference(await loadProgram()))
