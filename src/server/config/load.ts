import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ConfigError, type ConfigFile, parseConfig } from './parse.ts'
import type { Config } from './schema.ts'

/** The configuration for `millrace serve`: reads the file that `--config` or `MILLRACE_CONFIG` names. */
export const loadConfig = (given: {
  readonly configFile?: string | undefined
  /** Text by path in the configuration, as `configOptions` lists them. */
  readonly flags?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string | undefined>>
  readonly workingDirectory?: string
}): Config => {
  const { flags = {}, variables = process.env, workingDirectory = process.cwd() } = given
  const name = given.configFile ?? variables.MILLRACE_CONFIG
  const file = name === undefined ? undefined : readConfigFile(name, workingDirectory)
  return parseConfig({ flags, variables, workingDirectory, ...(file && { file }) })
}

const readConfigFile = (name: string, workingDirectory: string): ConfigFile => {
  const path = resolve(workingDirectory, name)
  return { name, text: readText(path, name), directory: dirname(path) }
}

/** A file that the configuration names; `place` says where. */
export const readText = (path: string, place: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError([`${place}: cannot be read: ${(error as Error).message}`])
  }
}
