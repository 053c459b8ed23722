// Writes docs/reference/configuration.md from the schema of the configuration. A test says when it has to be run.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { configReference } from '../src/server/config/reference.ts'

const page = resolve(import.meta.dirname, '../docs/reference/configuration.md')
mkdirSync(dirname(page), { recursive: true })
writeFileSync(page, configReference())
