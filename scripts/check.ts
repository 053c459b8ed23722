// `npm run check`: every check that needs no running code, two at a time, each reported whether or not another failed.
// `npm run check -- types arrows` runs only those.

import { spawn } from 'node:child_process'

const checks = {
  types: ['tsc'],
  'dashboard-types': ['tsc', '-p', 'src/dashboard'],
  promises: ['eslint', '.', '--max-warnings=0'],
  format: ['biome', 'check', '--error-on-warnings'],
  arrows: ['depcruise', '--config', '.dependency-cruiser.js', '{src,test,bench,examples,scripts}/**/*.{ts,tsx}'],
  unused: ['knip', '--no-progress'],
} as const

type Check = keyof typeof checks

interface Outcome {
  ok: boolean
  seconds: number
  output: string
}

function run(check: Check): Promise<Outcome> {
  const [command, ...args] = checks[check]
  const started = performance.now()
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...color } })
  let output = ''
  const collect = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ok: code === 0, seconds: (performance.now() - started) / 1000, output }))
  })
}

function isCheck(name: string): name is Check {
  return name in checks
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !isCheck(name))
if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}.`)
  process.exit(2)
}

const waiting = (asked.length > 0 ? asked : Object.keys(checks)).filter(isCheck)
const failed: Check[] = []

async function worker(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const { ok, seconds, output } = await run(check)
    console.log(`${ok ? '✔' : '✖'} ${check} (${seconds.toFixed(1)} s)`)
    if (!ok) {
      failed.push(check)
      console.log(output.trimEnd())
    }
  }
}

await Promise.all([worker(), worker()])
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}. \`npm run format\` mends format and import order.`)
  process.exitCode = 1
}
