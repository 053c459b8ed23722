import { Command, Option } from '@commander-js/extra-typings'
import { type ConfigOption, configOptions } from '../../server/config/options.ts'
import { withExamples } from '../command.ts'

export const serve = () => {
  const command = new Command('serve')
    .description(
      'Run a server. All that can be configured can stand in a file (JSON, comments allowed), in a variable, or here; what ' +
        'stands here counts before a variable, and that before the file.',
    )
    .option('-c, --config <file>', 'the file of the configuration (variable: MILLRACE_CONFIG)')
  const byAttribute = new Map<string, ConfigOption>()
  for (const option of configOptions) {
    if (option.flag === null) continue
    const definition = optionFor(option, option.flag)
    byAttribute.set(definition.attributeName(), option)
    command.addOption(definition)
  }
  return withExamples(command, [
    ['millrace serve', 'Run a server on 127.0.0.1:8080 with its data in ./millrace-data'],
    ['millrace serve --port 9000 --data /var/lib/millrace', 'Choose the port and where the data is'],
    ['millrace serve --config /etc/millrace.json', 'Take everything from a file'],
    ['MILLRACE_LOG_LEVEL=debug millrace serve', 'Log every request'],
  ]).action(async (options) => {
    const flags = new Map<string, string>()
    for (const [attribute, value] of Object.entries(options)) {
      const option = byAttribute.get(attribute)
      if (option && typeof value === 'string') flags.set(option.path, value)
    }
    const { loadConfig } = await import('../../server/config/load.ts')
    const config = loadConfig({ configFile: options.config, flags: Object.fromEntries(flags) })
    const { serve: serveUntilStopped } = await import('../../server/index.ts')
    await serveUntilStopped(config)
  })
}

const optionFor = ({ path, argument, description, variable, schema }: ConfigOption, flag: string): Option => {
  const standard = schema.default === undefined ? '' : `; default: ${String(schema.default)}`
  // What may be chosen is listed behind the description.
  const value = schema.enum ? path.replace(/.*\./, '') : argument
  const option = new Option(`${flag} <${value}>`, `${description} (variable: ${variable}${standard})`)
  if (schema.enum) option.choices(schema.enum.map(String))
  return option.helpGroup(path.startsWith('limits.') ? 'Limits:' : 'Configuration:')
}
