import { type Static, Type } from 'typebox'
import { Account, type AccountKey } from './schema/accounts.ts'
import { altogic, cloudQueues, dms, keystone, starqueue } from './schema/doors.ts'
import { file, listOf, strict, text, whole } from './schema/fields.ts'
import { Queue } from './schema/queues.ts'
import { limits, log, metrics, postgres, push, tls } from './schema/server.ts'

/** All that can be configured. */
export const ConfigSchema = Type.Object(
  {
    host: text('Address to listen on. One that others can reach needs an account.', { default: '127.0.0.1' }),
    port: whole('Port to listen on; 0 takes any that is free.', 0, 65_535, 8080),
    publicUrl: Type.Optional(
      text('The address under which clients reach this server, where it differs: behind a proxy.', {
        pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*)?$',
        expects: 'an address such as https://queue.example.com',
      }),
    ),
    tls,
    data: text('Directory of the data; it is made if need be.', {
      default: './millrace-data',
      expects: 'the path of a directory',
      path: true,
    }),
    store: text(
      'Where messages are kept: `sqlite`, in the directory of the data, or a PostgreSQL database that any number of servers share, as ' +
        '`postgres://user:password@host/database`.',
      {
        default: 'sqlite',
        pattern: '^(sqlite|postgres(ql)?://.+)$',
        expects: "'sqlite', or the URL of a PostgreSQL database such as postgres://user:password@host/database",
      },
    ),
    postgres,
    serverKeyFile: Type.Optional(
      file(
        'The key under which secrets are sealed; by default `server.key` in the directory of the data. Servers that share a database share it.',
      ),
    ),
    timeZone: Type.Optional(
      text('Time zone in which days begin, for what is counted by the day; if nothing is said, that of the machine.', {
        expects: 'a name such as Europe/Berlin or UTC',
      }),
    ),
    log,
    metrics,
    limits,
    push,
    altogic,
    starqueue,
    cloudQueues,
    dms,
    keystone,
    accounts: listOf(
      Account,
      'Accounts that exist from the start, with their keys. With any account the server is closed.',
    ),
    queues: listOf(
      Queue,
      'Queues that exist from the start. One whose entry has changed gets its new settings at the next start; one that ' +
        'is taken out stays.',
    ),
  },
  strict,
)

export type Config = Static<typeof ConfigSchema>
export type ConfigAccount = Static<typeof Account>
export type ConfigAccountKey = Static<typeof AccountKey>
export type ConfigQueue = Static<typeof Queue>
