import type { TSchema } from 'typebox'
import type { Said } from './fields.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations.ts'

/** What docs/protocols/starqueue.md says of each operation, from the table of operations. */
export const operationsReference = (): string => operations.map(describe).join('\n\n')

const describe = ({ name, path, summary, access, fields }: Operation): string => {
  const url = ['', name, ...path.map((part) => `{${part}}`)].join('/')
  const rows = Object.entries(fields.properties).map(([field, schema]) =>
    row(`\`${field}\``, kindOf(schema), fields.required?.includes(field) ? 'required' : standard(schema), said(schema)),
  )
  const table = [row('Field', 'Value', 'Default', 'Meaning'), row('---', '---', '---', '---'), ...rows]
  return [`### \`POST ${url}\``, `${summary} ${needs(access)}`, table.join('\n')].join('\n\n')
}

const needs = (access: Operation['access']): string => {
  if (access === 'anyone') return 'Needs no token.'
  if (access === 'sign-up') return 'Needs no token, and sign-up to be open.'
  if (access === 'token') return 'Needs a token of the account.'
  return `Needs a token of the account; the token of a key needs the scope \`${access.scope}\`.`
}

interface View extends Said {
  readonly type?: string
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
}

const kindOf = (schema: TSchema): string => {
  const view = schema as View
  if (view.const !== undefined) return String(view.const)
  if (view.type === 'integer') return `${view.minimum} to ${view.maximum}`
  if (view.type === 'array') return `${view.minItems} to ${view.maxItems} UUIDs`
  if (view.maxLength !== undefined) return `text of at most ${view.maxLength} characters`
  return view.pattern?.startsWith('^[0-9A-Fa-f]') ? 'UUID' : 'text'
}

const standard = (schema: TSchema): string => {
  const { default: value } = schema as View
  return value === undefined ? '' : String(value)
}

const said = (schema: TSchema): string => String((schema as View).description ?? '')

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`
