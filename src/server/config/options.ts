import { isSection, type SchemaView, view } from './describe.ts'
import { ConfigSchema } from './schema.ts'

/** One thing that can be configured by a flag of `millrace serve` or a variable. */
export interface ConfigOption {
  /** Where it stands in the file: `limits.maxBodyBytes`. */
  readonly path: string
  /** `--limits-max-body-bytes`; null for what does not fit on a command line. */
  readonly flag: string | null
  /** What stands for its value in help: `number`. */
  readonly argument: string
  /** `MILLRACE_LIMITS_MAX_BODY_BYTES`. */
  readonly variable: string
  readonly description: string
  readonly schema: SchemaView
}

const optionsOf = (schema: SchemaView, path: readonly string[]): ConfigOption[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const memberPath = [...path, name]
    return isSection(member) ? optionsOf(member, memberPath) : [optionOf(member, memberPath)]
  })

const optionOf = (schema: SchemaView, path: readonly string[]): ConfigOption => {
  const words = path.flatMap((name) => name.split(/(?=[A-Z])/)).map((word) => word.toLowerCase())
  return {
    path: path.join('.'),
    flag: schema.type === 'array' ? null : `--${words.join('-')}`,
    argument: argumentOf(schema),
    variable: `MILLRACE_${words.join('_').toUpperCase()}`,
    description: schema.description ?? '',
    schema,
  }
}

const argumentOf = (schema: SchemaView): string => {
  if (schema.path) return 'path'
  if (schema.enum) return schema.enum.join('|')
  if (schema.type === 'boolean') return 'true|false'
  if (schema.type === 'integer') return 'number'
  return schema.type === 'array' ? 'JSON' : 'text'
}

/** Everything that has a variable; what is not a list has a flag too. */
export const configOptions: readonly ConfigOption[] = optionsOf(view(ConfigSchema), [])
