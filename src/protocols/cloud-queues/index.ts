/** The door for clients of Rackspace Cloud Queues and OpenStack Zaqar: see operations.ts for all that it can do. */
export { versionList } from './operations/home.ts'
export { type CloudQueuesDoor, cloudQueuesDoor } from './plugin.ts'
export { notificationForms } from './subscriptions/notification.ts'
