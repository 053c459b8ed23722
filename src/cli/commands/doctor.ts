import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../command.ts'
import { connect } from '../connect.ts'
import type { Finding } from '../doctor/finding.ts'
import { tellFinding } from '../doctor/finding.ts'
import { type ExitCode, exitCodes } from '../exit.ts'
import { locally } from '../session.ts'
import { ownVersion } from '../version.ts'

export const doctor = () => {
  const command = clientCommand(
    new Command('doctor')
      .description(
        'Look for what is wrong with a running server, or with the data of a stopped one. It tries a message in a queue of ' +
          'its own, which it removes, and changes nothing else.',
      )
      .option(
        '--data <dir>',
        'check this data directory, whose server is stopped; a server too only if --url is given',
      ),
    [
      ['millrace doctor', 'Check the server on this machine'],
      ['millrace doctor --url https://queue.example.com', 'Check another server'],
      ['millrace doctor --data ./millrace-data', 'Check the data of a server that is stopped'],
    ],
  )
  return command.action(
    locally(async ({ output, interrupted }, options) => {
      const findings = async function* (): AsyncGenerator<Finding> {
        if (options.data !== undefined) {
          const { checkData } = await import('../doctor/data-checks.ts')
          yield* checkData(options.data)
          if (command.getOptionValueSource('url') !== 'cli') return
        }
        const { checkServer } = await import('../doctor/server-checks.ts')
        const client = connect(options)
        try {
          yield* checkServer(client, options.url, ownVersion(), interrupted)
        } finally {
          await client.close()
        }
      }
      let exitCode: ExitCode | undefined
      for await (const finding of findings()) {
        await tellFinding(finding, output)
        if (finding.state === 'fail') exitCode ??= finding.exitCode ?? exitCodes.failure
      }
      return exitCode
    }),
  )
}
