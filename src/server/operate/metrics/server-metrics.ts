import type { Server } from 'node:http'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Store } from '../../../core/store.ts'
import { addMetric } from './samples.ts'

/** The store, connections and the version. */
export const addServerMetrics = (
  registry: Registry,
  { store, server, version }: { store: Store; server: Server; version: string },
): void => {
  addMetric(registry, {
    name: 'millrace_info',
    help: 'What runs here.',
    type: 'gauge',
    sample: () => [{ labels: { version, store: store.kind, node: process.versions.node }, value: 1 }],
  })
  addMetric(registry, {
    name: 'millrace_store_size_bytes',
    help: 'Bytes that the store takes up.',
    type: 'gauge',
    sample: () => [{ value: store.stats().sizeBytes }],
  })
  addMetric(registry, {
    name: 'millrace_store',
    help: 'What else the store tells of itself, by gauge.',
    type: 'gauge',
    sample: () => Object.entries(store.stats().gauges).map(([gauge, value]) => ({ labels: { gauge }, value })),
  })
  addConnectionMetrics(registry, server)
}

const addConnectionMetrics = (registry: Registry, server: Server): void => {
  let refused = 0
  server.on('drop', () => {
    refused++
  })
  addMetric(registry, {
    name: 'millrace_connections',
    help: 'Connections that are open.',
    type: 'gauge',
    sample: async () => [{ value: await connections(server) }],
  })
  addMetric(registry, {
    name: 'millrace_connections_refused_total',
    help: 'Connections that were closed at once because there were too many.',
    type: 'counter',
    sample: () => [{ value: refused }],
  })
}

const connections = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })

let ofProcess: Registry | undefined

/** Memory, processor time, delays of the event loop: of the process, however many servers run in it. */
export const processRegistry = (): Registry => {
  if (!ofProcess) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
  }
  return ofProcess
}
