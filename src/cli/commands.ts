import type { CommandUnknownOpts } from '@commander-js/extra-typings'

export interface CatalogueEntry {
  readonly name: string
  readonly summary: string
  /** Imports the command's own file: what is not run is not loaded. */
  readonly load: () => Promise<() => CommandUnknownOpts>
}

/** Every command, in the order in which help lists them. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'serve',
    summary: 'run a server',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    name: 'send',
    summary: 'send messages',
    load: async () => (await import('./commands/send.ts')).send,
  },
  {
    name: 'receive',
    summary: 'receive messages',
    load: async () => (await import('./commands/receive.ts')).receive,
  },
  {
    name: 'peek',
    summary: 'look at messages without taking them',
    load: async () => (await import('./commands/peek.ts')).peek,
  },
  {
    name: 'tail',
    summary: 'watch messages arrive without taking them',
    load: async () => (await import('./commands/tail.ts')).tail,
  },
  {
    name: 'delete',
    summary: 'delete messages',
    load: async () => (await import('./commands/delete.ts')).deleteMessages,
  },
  {
    name: 'messages',
    summary: 'find stored messages of any type, and act on them',
    load: async () => (await import('./commands/messages/index.ts')).messages,
  },
  {
    name: 'purge',
    summary: 'delete all messages of a queue',
    load: async () => (await import('./commands/purge.ts')).purge,
  },
  {
    name: 'redrive',
    summary: 'move dead letters back',
    load: async () => (await import('./commands/redrive.ts')).redrive,
  },
  {
    name: 'status',
    summary: 'say where a message stands, or what became of it',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'queue',
    summary: 'manage queues, consumer groups and subscribers',
    load: async () => (await import('./commands/queue/index.ts')).queue,
  },
  {
    name: 'push',
    summary: 'see how services that are called for messages fare',
    load: async () => (await import('./commands/push/index.ts')).push,
  },
  {
    name: 'account',
    summary: 'manage accounts',
    load: async () => (await import('./commands/account/index.ts')).account,
  },
  {
    name: 'key',
    summary: 'manage access keys',
    load: async () => (await import('./commands/key/index.ts')).key,
  },
  {
    name: 'export',
    summary: 'write all messages of a queue',
    load: async () => (await import('./commands/export.ts')).exportMessages,
  },
  {
    name: 'import',
    summary: 'send messages that were exported',
    load: async () => (await import('./commands/import.ts')).importMessages,
  },
  {
    name: 'backup',
    summary: 'back up the store',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    name: 'restore',
    summary: 'restore the store from a backup',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    name: 'store',
    summary: 'copy the whole store into another one',
    load: async () => (await import('./commands/store/index.ts')).store,
  },
  {
    name: 'bench',
    summary: 'measure a running server',
    load: async () => (await import('./commands/bench.ts')).bench,
  },
  {
    name: 'doctor',
    summary: 'look for what is wrong with a server or its data',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'completion',
    summary: 'print a script that completes commands in a shell',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
]
