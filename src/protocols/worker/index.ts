export { workerProtocol } from './plugin.ts'
