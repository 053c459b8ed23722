#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=8
// The command `millrace`. Everything else is imported once Node.js is known to be recent enough to run it.
import module from 'node:module'

const oldest = 24
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`millrace: Node.js ${oldest} or later is needed, this is ${process.versions.node}\n`)
  process.exit(1)
}

// Compiled code is kept between runs, which about halves the time to start.
module.enableCompileCache?.()

const { run } = await import('./run.ts')
await run(process.argv.slice(2))
