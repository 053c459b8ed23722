/** Calls services for messages. `server` and `embedded` compose it; see docs/guides/push.md. */
export type { AddressPolicy } from './addresses.ts'
export { parseNetwork } from './addresses.ts'
export { type Dispatcher, startDispatcher } from './dispatcher.ts'
export type { PushForms } from './forms.ts'
export type { MailServer } from './mail-caller.ts'
export type { PushObserver } from './observer.ts'
export { openCaller } from './open-caller.ts'
