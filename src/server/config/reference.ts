import { describe, isSection, type SchemaView, view } from './describe.ts'
import { configOptions } from './options.ts'
import { Account, AccountKey, ClientKey } from './schema/accounts.ts'
import { Queue } from './schema/queues.ts'
import { ConfigSchema } from './schema.ts'

/** The page docs/reference/configuration.md, from the schema. */
export const configReference = (): string => `# Configuration

<!-- Written by scripts/config-reference.ts. Do not edit. -->

All that can be configured can stand in a file, in a variable, or on the command line of \`millrace serve\`. A flag counts
before a variable, a variable before the file, the file before the default. Lists (\`accounts\`, \`queues\`) are taken whole
from the first that has them. What is not known, wherever it stands, is an error that names its place, and the server does
not start.

The file is JSON, in which comments (\`//\` and \`/* */\`) are allowed. It is named by \`--config FILE\` or
\`MILLRACE_CONFIG\`. Relative paths in it start at its own directory, all others where the server was started.

\`\`\`jsonc
${example}
\`\`\`

${sectionsOf(view(ConfigSchema)).map(renderSection).join('\n')}
## \`accounts\`

${view(ConfigSchema).properties?.accounts?.description}
Variable: \`MILLRACE_ACCOUNTS\`, as JSON. An account that is taken out of the file stays, for it may own queues; without any
key left nobody can use it.

${memberTable(view(Account))}

A key in \`keys\`:

${memberTable(view(AccountKey))}

The \`client\` of a client key:

${memberTable(view(ClientKey))}

## \`queues\`

${view(ConfigSchema).properties?.queues?.description}
Variable: \`MILLRACE_QUEUES\`, as JSON. What was changed through an API outlives a restart, until the entry in the file
changes too. A setting that is taken out of an entry gets its default again.

${memberTable(view(Queue))}

The \`settings\`:

${memberTable(view(Queue).properties?.settings ?? {})}

## Files in the data directory

| File | Holds |
| --- | --- |
| \`millrace.db\`, \`millrace.db-wal\` | Everything: messages, queues, accounts. Copy them with \`millrace backup\`, never while the server runs. |
| \`server.key\` | The key under which the secrets of keys are sealed, and with which tokens are signed that passwords were traded for. Only its owner may read it. A backup of the data does not hold it: keep a copy apart. Without it passwords and the tokens of keys go on working; keys that sign requests and secrets of push targets have to be made anew, and tokens of passwords to be asked for again. |

## Logs

Logs go to standard error, one line for each event, and nothing but the greeting to standard output. A line never holds a
header or the query of a request; whatever looks like a secret is replaced by \`[secret]\`.

## Who may come in

While no account has keys, the server is open: whoever can reach it may do everything, and it refuses to listen on an address
that other machines can reach. It also refuses requests that name another host than this machine, or that come from web
pages of another one. The first key, wherever it is made, closes it.
`

const example = `{
  "port": 8080,
  "data": "/var/lib/millrace",
  "tls": { "cert": "tls/cert.pem", "key": "tls/key.pem" },
  "accounts": [
    {
      "name": "shop",
      "keys": [
        { "id": "shop-admin", "secretFile": "secrets/shop-admin", "scopes": ["send", "receive", "manage", "admin"] },
        // May only send, and only to the queues of orders.
        { "id": "checkout", "secretFile": "secrets/checkout", "scopes": ["send"], "queues": ["orders*"] }
      ]
    }
  ],
  "queues": [
    { "name": "orders-failed" },
    { "name": "orders", "settings": { "visibilityTimeoutMs": 60000, "receiveLimit": 5, "deadLetterQueue": "orders-failed" } }
  ]
}`

interface Section {
  readonly name: string
  readonly paths: readonly string[]
}

const sectionsOf = (schema: SchemaView): Section[] => {
  const members = Object.entries(schema.properties ?? {})
  const plain = members.filter(([, member]) => !isSection(member) && member.type !== 'array').map(([name]) => name)
  const sections = members.filter(([, member]) => isSection(member))
  return [
    { name: 'The server', paths: plain },
    ...sections.map(([name, member]) => ({
      name: `\`${name}\``,
      paths: Object.keys(member.properties ?? {}).map((inner) => `${name}.${inner}`),
    })),
  ]
}

const renderSection = ({ name, paths }: Section): string => {
  const rows = configOptions
    .filter(({ path }) => paths.includes(path))
    .map(({ path, flag, variable, description, schema }) =>
      row(`\`${path}\``, `\`${flag}\`<br>\`${variable}\``, describe(schema), standard(schema), description),
    )
  return `## ${name}\n\n${row('Path', 'Flag, variable', 'Value', 'Default', 'Meaning')}\n${line(5)}\n${rows.join('\n')}\n`
}

function memberTable(schema: SchemaView): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, member]) => {
    const isRequired = schema.required?.includes(name) && member.default === undefined
    return row(`\`${name}\``, describe(member), isRequired ? 'required' : standard(member), member.description ?? '')
  })
  return `${row('Member', 'Value', 'Default', 'Meaning')}\n${line(4)}\n${rows.join('\n')}`
}

const standard = ({ default: value }: SchemaView): string => (value === undefined ? '' : `\`${JSON.stringify(value)}\``)

const row = (...cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const line = (cells: number): string => row(...new Array<string>(cells).fill('---'))
