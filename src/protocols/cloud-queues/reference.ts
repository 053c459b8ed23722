import { allVersions, type Operation, type Version } from './operation.ts'
import { operations } from './operations.ts'

/** The table of versions and operations in docs/protocols/cloud-queues.md, from the operations. */
export const operationsReference = (): string =>
  [
    row('Request', ...allVersions, 'Scope', 'What it does'),
    row('---', ...allVersions.map(() => ':-:'), '---', '---'),
    ...operations.map((operation) =>
      row(
        `\`${operation.method} ${operation.path === '' ? '/' : operation.path.replace(/:(\w+)/g, '{$1}')}\``,
        ...allVersions.map((version) => (has(operation, version) ? '✓' : '')),
        scopesOf(operation),
        operation.summary,
      ),
    ),
  ].join('\n')

const has = ({ versions }: Operation, version: Version): boolean => versions.includes(version)

const scopesOf = ({ access }: Operation): string =>
  access === 'anyone' ? 'none' : access.length === 3 ? 'any' : access.map((scope) => `\`${scope}\``).join(' or ')

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`
