/**
 * What a schema may be, so that checking a message takes a time in proportion to its size: not too many parts, counted with every use of what they
 * refer to; nothing that refers to itself; nothing from elsewhere.
 */
const maxParts = 2_000
const maxDepth = 64
const maxPatternLength = 512

const refused = [
  '$recursiveRef',
  '$recursiveAnchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$async',
  '$anchor',
  'discriminator',
]

/** Throws an `Error` that says what is not allowed. */
export const checkBounds = (schema: unknown): void => {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw new Error('it must be an object')
  visit(schema as Json, schema, [], 0, { left: maxParts })
}

/** Keywords that hold schemas by names of their own. */
const byName = ['properties', 'patternProperties', 'dependentSchemas']
/** Keywords that hold no schema, but values. */
const values = ['enum', 'const', 'default', 'examples']

type Json = Readonly<Record<string, unknown>>

const visit = (
  root: Json,
  part: unknown,
  following: readonly string[],
  depth: number,
  budget: { left: number },
): void => {
  if (depth > maxDepth) throw new Error(`it is nested more than ${maxDepth} deep`)
  if (typeof part !== 'object' || part === null) return
  takeFrom(budget, 1)
  if (Array.isArray(part)) {
    for (const member of part) visit(root, member, following, depth + 1, budget)
    return
  }
  for (const [name, member] of Object.entries(part as Json)) {
    if (refused.includes(name)) throw new Error(`${name} is not allowed`)
    if (name === '$id' && depth > 0) throw new Error('$id is allowed at the top only')
    if (name === 'pattern' && typeof member === 'string') checkPattern(member)
    if (name === 'patternProperties' && isObject(member)) {
      for (const pattern of Object.keys(member)) checkPattern(pattern)
    }
    // Reached through what refers to them.
    if (name === '$defs' || name === 'definitions') continue
    if (byName.includes(name) && isObject(member)) visitMembers(root, member, following, depth, budget)
    else if (values.includes(name)) takeFrom(budget, Array.isArray(member) ? member.length : 0)
    else if (name === '$ref') follow(root, member, following, depth, budget)
    else visit(root, member, following, depth + 1, budget)
  }
}

/** Members that may be called whatever they like. */
const visitMembers = (
  root: Json,
  members: Json,
  following: readonly string[],
  depth: number,
  budget: { left: number },
): void => {
  for (const [name, member] of Object.entries(members)) {
    // The library that checks would not see it.
    if (name === '__proto__') throw new Error('a member cannot be called __proto__')
    visit(root, member, following, depth + 1, budget)
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const takeFrom = (budget: { left: number }, parts: number): void => {
  budget.left -= parts
  if (budget.left < 0) {
    throw new Error(`it has more than ${maxParts} parts, each counted as often as it is referred to`)
  }
}

const follow = (
  root: Json,
  reference: unknown,
  following: readonly string[],
  depth: number,
  budget: { left: number },
) => {
  if (typeof reference !== 'string' || !reference.startsWith('#')) {
    throw new Error(`$ref ${JSON.stringify(reference)} does not refer to a part of the schema itself`)
  }
  if (reference === '#' || following.includes(reference)) {
    throw new Error(`$ref ${JSON.stringify(reference)} leads back to itself`)
  }
  let part: unknown = root
  for (const name of reference.slice(2).split('/')) {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')
    part = typeof part === 'object' && part !== null && Object.hasOwn(part, key) ? Reflect.get(part, key) : undefined
  }
  if (part === undefined) throw new Error(`$ref ${JSON.stringify(reference)} refers to nothing`)
  visit(root, part, [...following, reference], depth + 1, budget)
}

const checkPattern = (pattern: string): void => {
  if (pattern.length > maxPatternLength) throw new Error(`a pattern is longer than ${maxPatternLength} characters`)
}
