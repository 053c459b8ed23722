// Runs the client in a context that has only what browsers have: `node --experimental-vm-modules browser.ts URL`.
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, resolve } from 'node:path'
import { createContext, type Module, SourceTextModule } from 'node:vm'

const context = createContext({
  AbortController,
  AbortSignal,
  atob,
  btoa,
  clearTimeout,
  crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
  fetch,
  MessageChannel,
  performance,
  report: console.log,
  setTimeout,
  TextDecoder,
  TextEncoder,
  url: process.argv[2],
  URL,
  URLSearchParams,
})

const modules = new Map<string, Module>()

const load = (path: string, code: string): Module => {
  const module = new SourceTextModule(code, { context, identifier: path })
  modules.set(path, module)
  return module
}

const link = (specifier: string, referrer: Module): Module => {
  const path = resolve(dirname(referrer.identifier), specifier)
  return modules.get(path) ?? load(path, stripTypeScriptTypes(readFileSync(path, 'utf8')))
}

const program = load(
  resolve(import.meta.dirname, '../../src/client/program.js'),
  `
  import { createClient } from './index.ts'
  delete Uint8Array.fromBase64
  delete Uint8Array.prototype.toBase64
  const millrace = createClient({ url })
  const queue = millrace.queue('browser')
  await Promise.all([queue.send({ a: 'ü' }), queue.send('text'), queue.send(new Uint8Array([1, 2, 255]))])
  const messages = await queue.receive({ maxMessages: 10, waitMs: 1000 })
  await Promise.all(messages.map((message) => message.delete()))
  await queue.send('last')
  for await (const message of queue) {
    await message.delete()
    break
  }
  await millrace.close()
  report(JSON.stringify(messages.map((message) => [message.text(), [...message.bytes()]])))
  `,
)
await program.link(link)
await program.evaluate()
process.exit()
