// The dashboard, built for browsers: `node scripts/dashboard.ts [--out DIR]`. Without --out it goes into build/dashboard, which
// is where a server that runs from source serves it. npm runs this after `npm ci` (`prepare`).

import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const root = resolve(import.meta.dirname, '..')
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'build/dashboard') } } })
const out = resolve(values.out)

if (isInstalled('vite')) await build()
else console.error('The dashboard is not built: its tools are development dependencies, which are not installed.')

async function build(): Promise<void> {
  const { build } = await import('vite')
  const configFile = join(root, 'src/dashboard/vite.config.ts')
  await build({ configFile, configLoader: 'native', logLevel: 'warn', build: { outDir: out } })
  for (const file of globSync('**/*.{js,css,svg}', { cwd: out })) compress(join(out, file))
}

/** Browsers get whichever of the three they understand; compressing once here costs the server nothing. */
function compress(file: string): void {
  const bytes = readFileSync(file)
  writeFileSync(`${file}.br`, brotliCompressSync(bytes))
  writeFileSync(`${file}.gz`, gzipSync(bytes))
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`)
    return existsSync(join(root, 'src/dashboard/vite.config.ts'))
  } catch {
    return false
  }
}
