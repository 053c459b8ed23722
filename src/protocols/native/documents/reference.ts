import type { Operation } from '../operation.ts'
import { type ListedOperation, operations } from '../operations.ts'
import { problems } from '../problems.ts'
import type { ProblemCode } from '../schemas/index.ts'
import { type Block, heading, paragraph, table } from './blocks.ts'
import { curlOf } from './examples.ts'
import { introduction } from './introduction.ts'
import { commonProblems } from './openapi.ts'
import { SchemaTables } from './schema-tables.ts'

/** The whole reference, made of the table of operations. */
export const reference = (): Block[] => {
  const schemas = new SchemaTables()
  const sections = Object.entries(operations).flatMap(([section, its]) => [
    heading(2, section, anchor(section)),
    ...Object.entries(its).flatMap(([id, operation]) => describeOperation({ id, section, operation }, schemas)),
  ])
  return [
    heading(1, 'Millrace: native API', 'native-api'),
    ...introduction,
    ...sections,
    heading(2, 'Objects', 'objects'),
    ...schemas.describeNamed(),
    heading(2, 'Problems', 'problems'),
    paragraph(
      'The `code` of a problem, with the status that it comes with. The `detail` says the same of the case at hand.',
    ),
    ...Object.entries(problems).flatMap(([code, { status, title, advice }]) => [
      heading(3, code, code),
      paragraph(`${status} · ${title}.${advice === undefined ? '' : ` ${advice}`}`),
    ]),
  ]
}

export const anchor = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]+/g, '-')

const describeOperation = ({ id, operation }: ListedOperation, schemas: SchemaTables): Block[] => {
  const { method, path, summary, description, query, headers = [], body, parameters } = operation
  return [
    heading(3, summary, id),
    { kind: 'request', method, path: path.replaceAll(/:(\w+)/g, '{$1}') },
    paragraph([description, scopes(operation)].filter((text) => text !== undefined).join(' ')),
    { kind: 'code', language: 'sh', text: curlOf(operation) },
    ...schemas.members('In the path', parameters),
    ...schemas.members('In the query', query),
    ...table(
      ['Header', 'Meaning'],
      headers.map(({ name, description: meaning, example }) => [`\`${name}\``, `${meaning} Example: \`${example}\``]),
    ),
    ...(body?.kind === 'bytes' ? [paragraph(`Body: ${body.description}`)] : []),
    ...(body && body.kind !== 'bytes' ? schemas.members('In the body', body.schema) : []),
    ...describeAnswers(operation, schemas),
  ]
}

const scopes = ({ access }: Operation): string =>
  access.scopes.length === 0
    ? 'Needs no credentials.'
    : `Scope: ${access.scopes.map((scope) => `\`${scope}\``).join(' or ')}.`

const describeAnswers = (operation: Operation, schemas: SchemaTables): Block[] => {
  const answers = Object.entries(operation.answers).map(([status, { description, schema, contentType }]) => {
    const type = contentType === undefined ? '' : ` As \`${contentType}\`.`
    return [status, `${description}${type}`, schema ? schemas.nameOf(schema) : '']
  })
  const codes = [...new Set([...commonProblems(operation), ...operation.problems])]
  const links = codes.map(problemLink)
  return [
    ...table(['Answer', 'Meaning', 'Content'], answers),
    ...(links.length === 0 ? [] : [paragraph(`Problems: ${links.join(', ')}.`)]),
  ]
}

const problemLink = (code: ProblemCode): string => `[${code}](#${code})`
