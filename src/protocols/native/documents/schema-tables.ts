import type { TSchema } from 'typebox'
import { type PlainSchema, plainSchema } from '../explain.ts'
import { type Block, heading, paragraph, table } from './blocks.ts'

/** Tables of the members of schemas. Those that have a title are described once, where everything links to. */
export class SchemaTables {
  readonly #named = new Map<string, PlainSchema>()

  /** The members of an input, in the place where it is used. */
  members(label: string, schema: TSchema | undefined): Block[] {
    return schema ? this.#table([label, 'Type', 'Meaning'], plainSchema(schema)) : []
  }

  nameOf(schema: TSchema): string {
    return this.#type(plainSchema(schema))
  }

  /** Every schema that has been named, and those that these name. */
  describeNamed(): Block[] {
    const described = new Map<string, Block[]>()
    for (const [title, schema] of this.#named) described.set(title, this.#describe(title, schema))
    return [...described].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, blocks]) => blocks)
  }

  #describe(title: string, schema: PlainSchema): Block[] {
    const values = schema.enum?.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
    const variants = schema.anyOf?.map((variant) => this.#type(variant)).join(', ')
    const facts = [
      schema.description,
      variants === undefined ? undefined : `One of ${variants}.`,
      values === undefined ? undefined : `One of ${values}.`,
    ]
    const text = facts.filter((fact) => fact !== undefined).join(' ')
    return [
      heading(3, title, title),
      ...(text === '' ? [] : [paragraph(text)]),
      ...this.#table(['Member', 'Type', 'Meaning'], schema),
    ]
  }

  #table(head: readonly string[], schema: PlainSchema): Block[] {
    const required = new Set(schema.required)
    const isPatch = required.size === 0
    return table(
      head,
      Object.entries(schema.properties ?? {}).map(([name, member]) => [
        `\`${name}\``,
        `${this.#type(member)}${required.has(name) || isPatch ? '' : ', optional'}`,
        meaning(member),
      ]),
    )
  }

  #type(schema: PlainSchema): string {
    const { title, type, anyOf, items, enum: values, patternProperties } = schema
    if (title !== undefined) {
      if (!this.#named.has(title)) this.#named.set(title, schema)
      return `[${title}](#${title})`
    }
    if (values) return values.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
    if ('const' in schema) return `\`${JSON.stringify(schema.const)}\``
    if (anyOf) return anyOf.map((variant) => this.#type(variant)).join(' or ')
    if (items) return `array of ${this.#type(items)}`
    if (patternProperties) return `object of ${this.#type(Object.values(patternProperties)[0] ?? {})}`
    if (type === 'object') return `object (${this.#inline(schema)})`
    return type ?? 'anything'
  }

  #inline(schema: PlainSchema): string {
    const members = Object.entries(schema.properties ?? {})
    return members.map(([name, member]) => `\`${name}\`: ${this.#type(member)}`).join('; ')
  }
}

const meaning = (schema: PlainSchema): string => {
  const { description, examples, title } = schema
  const parts = title === undefined && description !== undefined ? [description] : []
  parts.push(...rangeOf(schema))
  if ('default' in schema) parts.push(`Default: \`${JSON.stringify(schema.default)}\`.`)
  if (title === undefined && examples?.[0] !== undefined) parts.push(`Example: \`${JSON.stringify(examples[0])}\`.`)
  return parts.join(' ')
}

const rangeOf = (schema: PlainSchema): string[] => {
  const { minimum, maximum, minItems, maxItems, maxLength } =
    schema.anyOf?.find(({ type }) => type === 'integer') ?? schema
  const range = (low: number | undefined, high: number | undefined, what: string) => {
    if (low !== undefined && high !== undefined) return [`From ${show(low)} to ${show(high)}${what}.`]
    if (low !== undefined && low > 0) return [`From ${show(low)}${what}.`]
    return high === undefined ? [] : [`Up to ${show(high)}${what}.`]
  }
  return [
    ...range(minimum, maximum, ''),
    ...range(minItems, maxItems, ' entries'),
    ...range(undefined, maxLength, ' characters'),
  ]
}

const show = (number: number): string =>
  number === Number.MAX_SAFE_INTEGER ? '2^53 − 1' : number.toLocaleString('en-US')
