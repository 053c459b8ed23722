import { Command } from '@commander-js/extra-typings'
import type { Copied, StorePlace } from '../../../server/store-copy.ts'
import { localCommand } from '../../command.ts'
import { exitCodes, Failure, usageError } from '../../exit.ts'
import { count } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { locally } from '../../session.ts'

export const copy = () =>
  localCommand(
    new Command('copy')
      .summary('copy a whole store into another one')
      .description(
        'Copy everything that a store holds into another one, which is empty or does not exist yet: queues, messages with ' +
          'their leases, delays and claims, history, accounts and keys. The servers of both are stopped; the source is only ' +
          'read. Interrupted or killed, the same command goes on where it was, and until all is there and compared no server ' +
          'starts on the target. A store is given as sqlite:DIRECTORY or as the URL of a PostgreSQL database.',
      )
      .requiredOption('--from <store>', 'the store to read')
      .requiredOption('--to <store>', 'the store to fill'),
    [
      [
        'millrace store copy --from sqlite:./millrace-data --to postgres://millrace@db.example/millrace',
        'Move to PostgreSQL',
      ],
      ['millrace store copy --from postgres://millrace@db.example/millrace --to sqlite:./millrace-data', 'And back'],
      [
        'millrace store copy --from sqlite:./millrace-data --to sqlite:/mnt/new --json',
        'Move to another disk, told in JSON',
      ],
    ],
  ).action(
    locally(async ({ output, interrupted }, options) => {
      const { copyBetween, parsePlace } = await import('../../../server/store-copy.ts')
      const place = (text: string): StorePlace => {
        try {
          return parsePlace(text)
        } catch (error) {
          throw usageError((error as Error).message)
        }
      }
      const [from, to] = [place(options.from), place(options.to)]
      const bars = { copying: output.progress('Copying'), comparing: output.progress('Comparing') }
      try {
        const copied = await copyBetween({
          from,
          to,
          signal: interrupted,
          onProgress({ step, done, total }) {
            if (step === 'comparing') bars.copying.end()
            bars[step].update(done, total)
          },
        })
        for (const bar of Object.values(bars)) bar.end()
        const { kinds, resumedAt, serverKey } = copied
        const records = kinds.reduce((sum, kind) => sum + kind.records, 0)
        await output.result(
          { from: from.shown, to: to.shown, records, resumedAt, serverKey, kinds },
          `Copied ${count(records, 'record')} from ${printable(from.shown)} to ${printable(to.shown)}; both were read and are alike.`,
        )
        if (!output.json) output.note(aboutKey[serverKey])
        return undefined
      } catch (error) {
        for (const bar of Object.values(bars)) bar.end()
        if (interrupted.aborted) {
          output.note('Interrupted. The same command goes on where it was.')
          return exitCodes.interrupted
        }
        if (isRefusal(error)) throw new Failure(exitCodes.refused, error.message)
        throw error
      }
    }),
  )

const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && (error.name === 'CopyRefused' || error.name === 'CopyImpossible')

const aboutKey: Readonly<Record<Copied['serverKey'], string>> = {
  copied: 'The server key, which seals secrets, was copied too.',
  there: 'The server key, which seals secrets, is in the directory of the target already.',
  needed:
    'The server key, which seals secrets, is not in a store: give the servers of the target the server.key of those of the ' +
    'source, in their data directory or as serverKeyFile, before they start.',
  none: 'There is no server.key beside the source. If its server has one elsewhere (serverKeyFile), the servers of the target need it.',
}
