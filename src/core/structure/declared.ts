/** What the messages of a queue must look like: a list of fields, or a JSON Schema. */
export type DeclaredStructure = FieldStructure | SchemaStructure

export interface FieldStructure {
  readonly fields: readonly Field[]
}

export interface SchemaStructure {
  /** JSON Schema (draft 2020-12, or draft-07 where `$schema` says so), within bounds; see `JsonSchemas`. */
  readonly schema: Readonly<Record<string, unknown>>
}

export interface Field {
  readonly name: string
  readonly type: FieldType
  /** Absent and null are the same: missing. */
  readonly required?: boolean
  /** An array, every element of which is of the type. */
  readonly list?: boolean
  /** Of an `object`: its own fields. Without them it may hold anything. */
  readonly fields?: readonly Field[]
}

export const fieldTypes = [
  'text',
  'boolean',
  'integer',
  'decimal',
  'date-time',
  'email',
  'link',
  'identifier',
  'object',
  'any',
] as const
export type FieldType = (typeof fieldTypes)[number]

/** One faulty field of a message. */
export interface Violation {
  /** Where it is, as names and indexes with dots between them; empty: the message itself. */
  readonly field: string
  /** What it breaks: `required`, `type`, `list`, `json`, or a keyword of JSON Schema. */
  readonly rule: string
  readonly message: string
  /** The type that was declared for it. */
  readonly type?: string
  /** What is there instead, if it is short. */
  readonly value?: unknown
}

/** Finds what is wrong with a parsed message, at most so many violations; what is beyond them is counted in `more`. */
export type Checker = (value: unknown) => { readonly violations: readonly Violation[]; readonly more: number }

/** More are counted, but not listed. */
export const maxViolations = 100

/** Compiles JSON Schemas, which core leaves to a library. */
export interface JsonSchemas {
  /** Throws an `Error` that says why it cannot be used: invalid, or beyond what is allowed. */
  compile(schema: Readonly<Record<string, unknown>>): Checker
}
