import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../command.ts'
import { connect } from '../connect.ts'
import { usageError } from '../exit.ts'
import { formatBytes } from '../output/format.ts'
import { printable } from '../output/text.ts'
import { locally } from '../session.ts'

export const backup = () =>
  clientCommand(
    new Command('backup')
      .description(
        'Copy everything into one file: of a running server, which goes on working, or of the data of a stopped one. A ' +
          'running server writes the file on its own machine; only a server on this machine may be given a relative path.',
      )
      .argument('<file>', 'the file to write, which must not exist')
      .option('--data <dir>', 'copy this data directory, whose server is stopped'),
    [
      ['millrace backup /var/backups/millrace.db', 'Back up the running server'],
      ['millrace backup millrace.db --data ./millrace-data', 'Back up while the server is stopped'],
    ],
  ).action(
    locally(async ({ output, interrupted }, file, options) => {
      const progress = output.progress('Backing up')
      try {
        const done =
          options.data === undefined
            ? await online(placeFor(file, options.url))
            : await offline(options.data, resolve(file))
        progress.end()
        await output.result(done, `Wrote ${printable(done.file)} (${formatBytes(done.sizeBytes)}).`)
        return undefined
      } finally {
        progress.end()
      }

      async function online(path: string): Promise<Backup> {
        await using client = connect(options)
        const onProgress = (step: { done: number; total: number }) => progress.update(step.done, step.total)
        return await client.admin.backup(path, { onProgress, signal: interrupted })
      }

      async function offline(directory: string, path: string): Promise<Backup> {
        const { backupStore, hasStore } = await import('../../server/offline.ts')
        if (!hasStore(directory)) throw usageError(`${directory} holds no store`)
        const sizeBytes = await backupStore(directory, path, {
          onProgress: ({ copiedBytes, totalBytes }) => progress.update(copiedBytes, totalBytes),
          signal: interrupted,
        })
        return { file: path, sizeBytes }
      }
    }),
  )

interface Backup {
  readonly file: string
  readonly sizeBytes: number
}

/** A path that means the same here and there. */
const placeFor = (file: string, url: string): string => {
  const isLocal = URL.canParse(url) && /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname)
  if (isLocal) return resolve(file)
  if (/^([/\\]|[A-Za-z]:)/.test(file)) return file
  throw usageError(
    `${file} is a relative path, and the server is on another machine`,
    'Give a whole path on that machine.',
  )
}
