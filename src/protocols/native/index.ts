/** The native REST API: see operations.ts for all that it can do. */
export { type AdminApi, BackupRefused } from './admin-api.ts'
export { clientError, frameworkError, maxParamLength } from './http-errors.ts'
export type { NativeApiOptions, NativeLimits } from './options.ts'
export { nativeApi } from './plugin.ts'
export { requestIdOf } from './request-id.ts'
export type { WatchApi, Watching } from './watch-api.ts'
