import { readFileSync } from 'node:fs'

/** The version of the package that this file belongs to. */
export const ownVersion = (): string => {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : 'unknown'
}
