/** An identity service that clients of OpenStack and Rackspace can log in at, with what this server knows as keys and passwords. */
export { keystone } from './plugin.ts'
