import { isIP } from 'node:net'
import { Ajv, type ErrorObject, type Options } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import type { Checker, JsonSchemas, Violation } from '../core/structure/declared.ts'
import { maxViolations } from '../core/structure/declared.ts'
import { isDate, isDateTime, isEmail, isLink, isUri, isUuid } from '../core/structure/formats.ts'
import { checkBounds } from './bounds.ts'
import { hasNoRepeats } from './unique-items.ts'

/**
 * Declared structures in the form of JSON Schema, checked by Ajv. Whoever may set one must not be able to stop the server with it, so what could take
 * longer than in proportion to the message is refused (see `bounds.ts`), and patterns run on an engine that never backtracks.
 */
export const jsonSchemas = (): JsonSchemas => ({
  compile(schema) {
    checkBounds(schema)
    const ajv = draftOf(schema) === 'draft-07' ? new Ajv(options) : new Ajv2020(options)
    for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, validate)
    ajv.removeKeyword('uniqueItems')
    ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: hasNoRepeats })
    const validate = ajv.compile(schema)
    if ('$async' in validate) throw new Error('$async is not allowed')
    return checker(validate as { (value: unknown): boolean; errors?: ErrorObject[] | null })
  },
})

const draftOf = ({ $schema }: Readonly<Record<string, unknown>>): 'draft-07' | '2020-12' => {
  if ($schema === undefined || /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(String($schema))) {
    return '2020-12'
  }
  if (/^https?:\/\/json-schema\.org\/draft-07\/schema#?$/.test(String($schema))) return 'draft-07'
  throw new Error(`$schema ${JSON.stringify($schema)} is not draft 2020-12 or draft-07`)
}

/** In linear time, whatever the pattern: without look-around and back references, which it refuses. Like those of Ajv it is not anchored. */
const linear = (pattern: string): { test(text: string): boolean; toString(): string } => {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  return {
    // Under this name it is kept.
    toString: () => pattern,
    test: (text) => text.length <= maxMatchedLength && compiled.matcher(text).find(),
  }
}

/** A longer text does not match any pattern. */
const maxMatchedLength = 65_536

const options: Options = {
  allErrors: true,
  strict: true,
  // Not mistakes: tuples of any length, and types stated elsewhere.
  strictTuples: false,
  strictTypes: false,
  strictRequired: false,
  ownProperties: true,
  unicodeRegExp: false,
  // Nothing is converted, filled in or taken out: a check only looks.
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  validateFormats: true,
  logger: false,
  code: { regExp: Object.assign((pattern: string) => linear(pattern), { code: 'linear' }) as never },
}

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': isDateTime,
  date: isDate,
  email: isEmail,
  uri: isUri,
  url: isLink,
  uuid: isUuid,
  ipv4: (text) => isIP(text) === 4,
  ipv6: (text) => isIP(text) === 6,
}

const checker =
  (validate: { (value: unknown): boolean; errors?: ErrorObject[] | null }): Checker =>
  (value) => {
    if (validate(value)) return { violations: [], more: 0 }
    const errors = validate.errors ?? []
    validate.errors = null
    const byField = new Map<string, ErrorObject>()
    for (const error of errors) {
      const field = fieldOf(error)
      // What stands behind a choice explains why it failed; the choice itself only says that it did.
      const known = byField.get(field)
      if (!known || (isChoice(known) && !isChoice(error))) byField.set(field, error)
    }
    const found = [...byField].map(([field, error]) => violationOf(field, error))
    return { violations: found.slice(0, maxViolations), more: Math.max(0, found.length - maxViolations) }
  }

const isChoice = ({ keyword }: ErrorObject): boolean =>
  keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf' || keyword === 'if' || keyword === 'not'

/** A member that is missing, or too much, is named itself, rather than what it should be in. */
const fieldOf = ({ instancePath, params }: ErrorObject): string => {
  const { missingProperty, additionalProperty, unevaluatedProperty } = params as Record<string, unknown>
  const names = instancePath
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const own = missingProperty ?? additionalProperty ?? unevaluatedProperty
  return (typeof own === 'string' ? [...names, own] : names).join('.')
}

const violationOf = (field: string, { keyword, params, message = 'is not as declared' }: ErrorObject): Violation => {
  const name = field === '' ? 'The message' : `'${field}'`
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return { field, rule: 'required', message: `${name} is required.` }
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return { field, rule: keyword, message: `${name} is not declared.` }
    case 'type': {
      const { type } = params as { type: string | string[] }
      const types = [type].flat().join(' or ')
      return { field, rule: 'type', message: `${name} must be of type ${types}.`, type: types }
    }
    default:
      return { field, rule: keyword, message: `${name} ${message}.` }
  }
}
