import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { examplesOf } from './command.ts'
import { exitCodeMeanings, exitCodes } from './exit.ts'

/** The reference page of the command line, in Markdown, from the definitions of the commands. */
export const renderReference = (program: CommandUnknownOpts): string => {
  const commands = visible(program).flatMap(withChildren)
  return [
    '<!-- Generated from the definitions in src/cli by `node scripts/cli-reference.ts`; changes here are lost. -->',
    '# The command line',
    `${program.description()}`,
    introduction,
    '## Commands',
    commands.map((command) => `- [\`${command.path}\`](#${anchor(command.path)}): ${command.summary}`).join('\n'),
    '## Common options',
    ...commonOptions(commands),
    ...commands.map(section),
    '## Exit codes',
    table(
      ['Code', 'Name', 'Meaning'],
      Object.entries(exitCodes).map(([name, code]) => [
        String(code),
        name,
        exitCodeMeanings[name as keyof typeof exitCodes],
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

const introduction = `\`millrace <command> --help\` shows the same in a terminal. What a server can be told is in [Configuration](configuration.md).

- **Output.** Results go to standard output, everything about them to standard error. On a terminal results are written for
  people; into a pipe or file, or with \`--json\`, they are JSON, one value a line (NDJSON). With \`--json\` errors are a line of
  JSON too: \`{"error":{"exitCode":3,"code":"QueueNotFound","message":"…"}}\`. Progress bars appear only on a terminal.
  \`NO_COLOR\` is respected.
- **Durations** are written \`250ms\`, \`30s\`, \`5m\`, \`1h30m\`, \`14d\`; a bare number means seconds. **Sizes** are written \`512\`,
  \`64KB\`, \`1MiB\`. In JSON, times are milliseconds since 1970-01-01T00:00:00Z and spans are milliseconds.
- **Connection.** Commands that talk to a server find it by \`--url\` or \`MILLRACE_URL\`, and show the token in \`--token\` or
  \`MILLRACE_TOKEN\`. Prefer the variable: other users of the machine can read command lines. For a certificate authority of
  your own set \`NODE_EXTRA_CA_CERTS\`.
- **Ctrl-C** stops cleanly: messages that a command holds are released first. A second one stops at once.`

type AnyOption = CommandUnknownOpts['options'][number]
const commonGroups: readonly string[] = ['Connection', 'Output']

interface Described {
  readonly path: string
  readonly summary: string
  readonly command: CommandUnknownOpts
}

const visible = (command: CommandUnknownOpts): readonly CommandUnknownOpts[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help')

const withChildren = (command: CommandUnknownOpts): Described[] => {
  const children = visible(command)
  if (children.length > 0) return children.flatMap(withChildren)
  return [{ path: pathOf(command), summary: command.summary() || command.description(), command }]
}

const pathOf = (command: CommandUnknownOpts): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()

const anchor = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-')

const section = ({ path, command }: Described): string => {
  const help = command.createHelp()
  const groups = optionsByGroup(command)
  const common = commonGroups.filter((heading) => groups.has(heading)).map((heading) => heading.toLowerCase())
  const examples = examplesOf(command).map(([line, explanation]) => `# ${explanation}\n${line}`)
  return [
    `## ${path}`,
    command.description(),
    `\`\`\`\n${help.commandUsage(command)}\n\`\`\``,
    ...definitions(
      'Arguments',
      command.registeredArguments.map((argument) => [argument.name(), help.argumentDescription(argument)]),
    ),
    ...[...groups]
      .filter(([heading]) => !commonGroups.includes(heading))
      .flatMap(([heading, options]) => optionTable(command, heading, options)),
    ...(common.length > 0 ? [`And the [common options](#common-options) for ${common.join(' and ')}.`] : []),
    `\`\`\`sh\n${examples.join('\n\n')}\n\`\`\``,
  ].join('\n\n')
}

/** The same in most commands, so they are described once. */
const commonOptions = (commands: readonly Described[]): string[] => {
  const [any] = commands.filter(({ command }) => commonGroups.every((heading) => optionsByGroup(command).has(heading)))
  if (!any) return []
  const groups = optionsByGroup(any.command)
  return commonGroups.flatMap((heading) => optionTable(any.command, heading, groups.get(heading) ?? []))
}

const optionsByGroup = (command: CommandUnknownOpts): ReadonlyMap<string, readonly AnyOption[]> =>
  Map.groupBy(
    command.options.filter((option) => !option.hidden),
    (option) => option.helpGroupHeading?.replace(/:$/, '') ?? 'Options',
  )

const optionTable = (command: CommandUnknownOpts, heading: string, options: readonly AnyOption[]): string[] => {
  const help = command.createHelp()
  return definitions(
    heading,
    options.map((option) => [help.optionTerm(option), help.optionDescription(option)]),
  )
}

const definitions = (heading: string, rows: readonly (readonly [string, string])[]): string[] =>
  rows.length === 0
    ? []
    : [
        table(
          [heading, ''],
          rows.map(([term, text]) => [`\`${term}\``, text]),
        ),
      ]

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
    .join('\n')
