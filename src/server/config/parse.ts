import { resolve } from 'node:path'
import { check, isObject, type JsonObject, withDefaults } from './check.ts'
import { parseJsonc } from './jsonc.ts'
import { configOptions } from './options.ts'
import { checkRules } from './rules.ts'
import { type Config, ConfigSchema } from './schema.ts'
import { fromFlags, fromVariables, merge } from './sources.ts'

export interface ConfigSources {
  /** Text by path in the configuration (`limits.maxBodyBytes`). */
  readonly flags?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string | undefined>>
  readonly file?: ConfigFile
  /** Relative paths in flags and variables, and the defaults, start here. */
  readonly workingDirectory: string
}

export interface ConfigFile {
  readonly name: string
  readonly text: string
  /** Relative paths in the file start here. */
  readonly directory: string
}

/** A configuration that cannot be used: everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Flags before variables before the file before defaults; all of it checked. */
export const parseConfig = ({ flags = {}, variables = {}, file, workingDirectory }: ConfigSources): Config => {
  const byFlags = fromFlags(flags)
  const byVariables = fromVariables(variables)
  const outside = merge(byVariables.values, byFlags.values)
  const inFile = file ? readFile(file) : {}

  // Each by itself, so that a problem is told under the name of its source.
  const problems = [
    ...byFlags.problems,
    ...byVariables.problems,
    ...(file ? check(ConfigSchema, inFile, '').map((problem) => `${file.name}: ${problem}`) : []),
    ...check(ConfigSchema, outside, '').map(nameSource(flags)),
  ]
  if (problems.length > 0) throw new ConfigError(problems)

  const fromFile = resolvePaths(inFile, file?.directory ?? workingDirectory)
  const config = withDefaults(ConfigSchema, merge(fromFile, resolvePaths(outside, workingDirectory))) as Config
  const complete = { ...config, data: resolve(workingDirectory, config.data) }
  const prefix = file ? `${file.name}: ` : ''
  const broken = checkRules(complete).map((problem) => prefix + problem)
  if (broken.length > 0) throw new ConfigError(broken)
  return complete
}

const readFile = (file: ConfigFile): JsonObject => {
  let value: unknown
  try {
    value = parseJsonc(file.text)
  } catch (error) {
    throw new ConfigError([`${file.name}: ${(error as Error).message}`])
  }
  if (!isObject(value)) throw new ConfigError([`${file.name}: the configuration must be an object`])
  return value
}

/** `port must be …` becomes `--port must be …` or `MILLRACE_PORT must be …`. */
const nameSource =
  (flags: Readonly<Record<string, string>>) =>
  (problem: string): string => {
    const option = configOptions.find(({ path }) =>
      new RegExp(`^${path.replaceAll('.', '\\.')}(?![\\w])`).test(problem),
    )
    if (!option) return problem
    const source = flags[option.path] === undefined ? option.variable : option.flag
    return `${source}${problem.slice(option.path.length)}`
  }

const filePaths = configOptions.filter(({ schema }) => schema.path).map(({ path }) => path.split('.'))

const resolvePaths = (values: JsonObject, directory: string): JsonObject => {
  const resolved = structuredClone(values)
  for (const path of filePaths) resolveAt(resolved, path, directory)
  const accounts = Array.isArray(resolved.accounts) ? resolved.accounts : []
  for (const account of accounts) if (isObject(account)) resolveAt(account, ['passwordFile'], directory)
  const keys = accounts.flatMap((account: { keys?: JsonObject[] }) => account.keys ?? [])
  for (const key of keys) resolveAt(key, ['secretFile'], directory)
  return resolved
}

const resolveAt = (values: JsonObject, [first = '', ...rest]: readonly string[], directory: string): void => {
  const value = values[first]
  if (rest.length > 0) {
    if (isObject(value)) resolveAt(value, rest, directory)
  } else if (typeof value === 'string') values[first] = resolve(directory, value)
}
