// `npm run build`: the publishable form of src/ in dist/, as JavaScript with type declarations and whatever else lies
// beside it. `npm run build -- --out DIR` builds elsewhere.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist') } } })
const out = resolve(values.out)

rmSync(out, { recursive: true, force: true })

const tsc = join(root, 'node_modules/.bin/tsc')
const compiled = spawnSync(tsc, ['-p', join(root, 'tsconfig.build.json'), '--outDir', out], { stdio: 'inherit' })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)

const dashboard = spawnSync(process.execPath, [join(root, 'scripts/dashboard.ts'), '--out', join(out, 'dashboard')], {
  stdio: 'inherit',
})
if (dashboard.status !== 0) process.exit(dashboard.status ?? 1)

const app = join(root, 'src/dashboard')
const isStatic = (path: string) => !/\.(ts|md)$/.test(path) && !path.startsWith(app)
cpSync(join(root, 'src'), out, { recursive: true, filter: isStatic })
chmodSync(join(out, 'cli/main.js'), 0o755)
