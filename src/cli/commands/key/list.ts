import { Command } from '@commander-js/extra-typings'
import type { Key } from '../../../client/index.ts'
import { clientCommand } from '../../command.ts'
import { formatRelative } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const listKeys = () =>
  clientCommand(
    new Command('list')
      .alias('ls')
      .summary('list keys')
      .description('List the keys of an account, without their secrets.')
      .argument('<account>', 'the account'),
    [['millrace key list acme', 'Show what may be done with which key']],
  ).action(
    withClient(async ({ client, output, interrupted }, account) => {
      const keys = await client.admin.keys.list(account, { signal: interrupted })
      await output.list(keys, columns(Date.now()), `Account ${printable(account)} has no keys.`)
      return undefined
    }),
  )

const columns = (now: number) => [
  { header: 'ID', value: (key: Key) => key.id },
  { header: 'NAME', value: (key: Key) => printable(key.name) },
  { header: 'CLIENT', value: (key: Key) => clientText(key) },
  { header: 'SCOPES', value: (key: Key) => grantsText(key) },
  { header: 'CREATED', value: (key: Key) => formatRelative(key.createdAt, now) },
  { header: 'EXPIRES', value: (key: Key) => (key.expiresAt === null ? 'never' : formatRelative(key.expiresAt, now)) },
  {
    header: 'LAST USED',
    value: (key: Key) => (key.lastUsedAt === null ? 'never' : formatRelative(key.lastUsedAt, now)),
  },
]

const grantsText = ({ grants }: Key): string =>
  grants.map(({ scope, queues }) => (queues === '*' ? scope : `${scope}:${printable(queues)}`)).join(' ')

const clientText = ({ client }: Key): string => {
  if (!client) return 'no'
  const domains = client.authorizedDomains.map(printable).join(' ')
  return [client.enforceSession ? 'session' : 'yes', domains].filter((text) => text !== '').join(': ')
}
