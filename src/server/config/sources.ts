import { hint, isObject, type JsonObject } from './check.ts'
import { describe } from './describe.ts'
import { type ConfigOption, configOptions } from './options.ts'

/** Values from flags or variables, in the form that the file would have, with what is wrong with them. */
export interface Given {
  readonly values: JsonObject
  readonly problems: readonly string[]
}

/** `flags`: text by path (`limits.maxBodyBytes`). */
export const fromFlags = (flags: Readonly<Record<string, string>>): Given =>
  collect(Object.entries(flags).map(([path, text]) => ({ option: optionAt(path), name: `--${path}`, text })))

export const fromVariables = (variables: Readonly<Record<string, string | undefined>>): Given => {
  const ours = Object.entries(variables)
    .filter(([name]) => name.startsWith('MILLRACE_') && !clientVariables.has(name))
    .filter(([name, text]) => text !== undefined && !isServiceLink(name, text))
  const found = ours.map(([name, text = '']) => {
    const option = configOptions.find((candidate) => candidate.variable === name)
    return { option, name, text }
  })
  return collect(found)
}

/** What the command line's other commands read. `MILLRACE_CONFIG` is read before any of this. */
const clientVariables = new Set(['MILLRACE_CONFIG', 'MILLRACE_URL', 'MILLRACE_TOKEN', 'MILLRACE_ACCOUNT'])

/** Kubernetes describes a service called `millrace` in variables of these forms to every pod beside it. */
const isServiceLink = (name: string, text: string): boolean =>
  /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) || /^(tcp|udp|sctp):\/\//.test(text)

const optionAt = (path: string): ConfigOption | undefined => configOptions.find((candidate) => candidate.path === path)

interface Found {
  readonly option: ConfigOption | undefined
  readonly name: string
  readonly text: string
}

const collect = (found: readonly Found[]): Given => {
  const layers: JsonObject[] = []
  const problems: string[] = []
  for (const { option, name, text } of found) {
    const shown = name.startsWith('--') ? (option?.flag ?? name) : name
    if (!option) {
      problems.push(
        `${shown} is not known${hint(
          name,
          configOptions.map(({ variable }) => variable),
        )}`,
      )
      continue
    }
    const value = parseValue(option, text)
    if (value === undefined) problems.push(`${shown} must be ${describe(option.schema)}`)
    else layers.push(nest(option.path.split('.'), value))
  }
  return { values: merge(...layers), problems }
}

/** Undefined: it cannot be one. */
const parseValue = ({ schema }: ConfigOption, text: string): unknown => {
  if (schema.type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (schema.type === 'array') return parseJson(text)
  return text
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const nest = (path: readonly string[], value: unknown): JsonObject =>
  path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as JsonObject

/** The later win, member by member; lists are taken whole. */
export const merge = (...layers: readonly JsonObject[]): JsonObject => {
  const merged: JsonObject = {}
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      const before = merged[name]
      merged[name] = isObject(value) && isObject(before) ? merge(before, value) : value
    }
  }
  return merged
}
