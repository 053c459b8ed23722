import type { Checker, Field, FieldType, Violation } from './declared.ts'
import { fieldTypes, maxViolations } from './declared.ts'
import { isDateTime, isEmail, isIdentifier, isLink } from './formats.ts'

/** More would make one send do too much. */
const maxFields = 1_000
const maxDepth = 32

/** Compiles the field form. Throws an `Error` that says what is wrong with it. */
export const compileFields = (fields: unknown): Checker => {
  const budget = { left: maxFields }
  const members = compileMembers(fields, 'fields', budget, 1)
  return (message) => {
    const found = new Findings()
    if (!isObject(message))
      found.add({ field: '', rule: 'type', message: 'The message must be an object.', type: 'object' }, message)
    else checkMembers(members, message, '', found)
    return found
  }
}

class Findings {
  readonly violations: Violation[] = []
  more = 0

  add(violation: Violation, value?: unknown): void {
    if (this.violations.length === maxViolations) this.more++
    else this.violations.push(value !== undefined && isShort(value) ? { ...violation, value } : violation)
  }
}

/** Short enough to be shown to who sent it. */
const isShort = (value: unknown): boolean =>
  typeof value === 'string' ? value.length <= 100 : typeof value !== 'object' || value === null

interface Member {
  readonly name: string
  readonly type: FieldType
  readonly required: boolean
  readonly list: boolean
  readonly members: readonly Member[] | undefined
}

const compileMembers = (fields: unknown, where: string, budget: { left: number }, depth: number): Member[] => {
  if (!Array.isArray(fields)) throw new Error(`${where} must be a list of fields`)
  if (depth > maxDepth) throw new Error(`${where} is nested more than ${maxDepth} deep`)
  const names = new Set<string>()
  return fields.map((field: unknown, index) => {
    const place = `${where}[${index}]`
    if (--budget.left < 0) throw new Error(`fields are more than ${maxFields}`)
    if (!isObject(field)) throw new Error(`${place} must be an object`)
    const {
      name,
      type,
      required = false,
      list = false,
      fields: own,
      ...unknown
    } = field as Partial<Record<keyof Field, unknown>>
    const [stray] = Object.keys(unknown)
    if (stray !== undefined) throw new Error(`${place}.${stray} is not a member of a field`)
    if (typeof name !== 'string' || name === '') throw new Error(`${place}.name must be a text`)
    if (names.has(name)) throw new Error(`${place}.name '${name}' is there already`)
    names.add(name)
    if (!fieldTypes.includes(type as FieldType))
      throw new Error(`${place}.type must be one of ${fieldTypes.join(', ')}`)
    if (typeof required !== 'boolean') throw new Error(`${place}.required must be true or false`)
    if (typeof list !== 'boolean') throw new Error(`${place}.list must be true or false`)
    if (own !== undefined && type !== 'object') throw new Error(`${place}.fields needs the type object`)
    const members = own === undefined ? undefined : compileMembers(own, `${place}.fields`, budget, depth + 1)
    return { name, type: type as FieldType, required, list, members }
  })
}

const checkMembers = (members: readonly Member[], value: object, path: string, found: Findings): void => {
  for (const member of members) {
    const field = path + member.name
    // Only what the message itself has counts: `constructor` is in every object.
    const given: unknown = Object.hasOwn(value, member.name) ? Reflect.get(value, member.name) : undefined
    if (given === undefined || given === null) {
      if (member.required) found.add({ field, rule: 'required', message: `'${field}' is required.` })
    } else if (!member.list) checkValue(member, given, field, found)
    else if (!Array.isArray(given)) {
      found.add({ field, rule: 'list', message: `'${field}' must be a list.`, type: member.type }, given)
    } else for (const [index, element] of given.entries()) checkValue(member, element, `${field}.${index}`, found)
  }
}

const checkValue = (member: Member, value: unknown, field: string, found: Findings): void => {
  if (!accepts[member.type](value)) {
    const message = `'${field}' must be ${described[member.type]}.`
    found.add({ field, rule: 'type', message, type: member.type }, value)
  } else if (member.members) checkMembers(member.members, value as object, `${field}.`, found)
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const accepts: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  // Beyond 2^53 - 1 a receiver could not tell it from its neighbours.
  integer: (value) => Number.isSafeInteger(value),
  decimal: (value) => Number.isFinite(value),
  'date-time': (value) => typeof value === 'string' && isDateTime(value),
  email: (value) => typeof value === 'string' && isEmail(value),
  link: (value) => typeof value === 'string' && isLink(value),
  identifier: (value) => typeof value === 'string' && isIdentifier(value),
  object: isObject,
  any: () => true,
}

const described: Readonly<Record<FieldType, string>> = {
  text: 'a text',
  boolean: 'true or false',
  integer: 'a whole number within ±(2^53 - 1)',
  decimal: 'a number',
  'date-time': 'a date and time, such as 2030-12-31T23:59:59Z',
  email: 'an e-mail address',
  link: 'an http or https URL',
  identifier: 'an identifier of 24 hex digits',
  object: 'an object',
  any: 'anything',
}
