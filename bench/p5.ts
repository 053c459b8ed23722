import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openMillrace } from '../src/index.ts'
const due = 10_000
const concurrency = Number(process.argv[2] ?? 64)
const directory = mkdtempSync('/tmp/p5-')
const service = fork(join(import.meta.dirname, 'scenarios/service-process.ts'), { execArgv: [] })
const millrace = await openMillrace({ directory })
const [port] = (await once(service, 'message')) as [number]
const url = `http://127.0.0.1:${port}/`
for (let round = 0; round < Number(process.argv[3] ?? 6); round++) {
  const name = `push-${round}`
  await millrace.queues.create(name, { push: { url, concurrency }, paused: true })
  await Promise.all(Array.from({ length: due }, () => millrace.queue(name).send({ order: 4711, round })))
  const cpu = process.cpuUsage()
  const began = performance.now()
  await millrace.queues.update(name, { paused: false })
  while ((await millrace.queues.get(name)).messages > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const ms = performance.now() - began
  const used = process.cpuUsage(cpu)
  console.log(concurrency, Math.round((due / ms) * 1000), '/s', 'cpu us/msg', ((used.user + used.system) / due).toFixed(0), 'wall', ms.toFixed(0))
}
await millrace.close()
service.kill()
rmSync(directory, { recursive: true })
