import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { localCommand } from '../command.ts'
import { printable } from '../output/text.ts'
import { locally } from '../session.ts'

export const restore = () =>
  localCommand(
    new Command('restore')
      .description('Check a backup and make it the data of a server that is stopped.')
      .argument('<file>', 'what backup wrote')
      .requiredOption('--data <dir>', 'the data directory to put it in; it is made if need be')
      .option('--overwrite', 'replace the store that is there'),
    [
      ['millrace restore /var/backups/millrace.db --data ./millrace-data', 'Restore into a new directory'],
      ['millrace restore millrace.db --data ./millrace-data --overwrite', 'Replace what is there'],
    ],
  ).action(
    locally(async ({ output }, file, { data, overwrite }) => {
      const { restoreStore, storeBytes } = await import('../../server/offline.ts')
      const directory = resolve(data)
      const progress = output.progress('Restoring')
      const onProgress = ({ copiedBytes, totalBytes }: { copiedBytes: number; totalBytes: number }) =>
        progress.update(copiedBytes, totalBytes)
      const options = { backup: resolve(file), directory, overwrite: overwrite ?? false, onProgress }
      await restoreStore(options).finally(progress.end)
      await output.result(
        { data: directory, sizeBytes: storeBytes(directory) },
        `Restored ${printable(file)} into ${printable(directory)}. 'millrace serve --data ${printable(data)}' starts it.`,
      )
      return undefined
    }),
  )
