#!/usr/bin/env node
// The command `millrace`. Everything else is imported once Node.js is known to be recent enough to run it.
import module from 'node:module'
import { runAsServer } from './run-as-server.ts'

const oldest = 24
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`millrace: Node.js ${oldest} or later is needed, this is ${process.versions.node}\n`)
  process.exit(1)
}

if (process.argv[2] === 'serve') runAsServer()

// Compiled code is kept between runs, which about halves the time to start.
module.enableCompileCache?.()

const { run } = await import('./run.ts')
await run(process.argv.slice(2))
