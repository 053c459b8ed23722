import { Refusal } from '../errors.ts'
import type { Checker, DeclaredStructure, JsonSchemas, Violation } from './declared.ts'
import { compileFields } from './fields.ts'

/** Queues that share a structure share one checker. */
const maxCheckers = 1_000

/** The declared structures of an engine's queues: each is compiled once, when it is first needed. */
export class Structures {
  readonly #jsonSchemas: JsonSchemas | undefined
  /** A queue's settings are one object until they change, so most sends find their checker here. */
  readonly #byObject = new WeakMap<DeclaredStructure, Checker>()
  readonly #byText = new Map<string, Checker>()

  constructor(jsonSchemas: JsonSchemas | undefined) {
    this.#jsonSchemas = jsonSchemas
  }

  /** Refuses a structure that cannot be used. */
  check(structure: DeclaredStructure): void {
    this.#checkerOf(structure)
  }

  /** What is wrong with a message's body; undefined when nothing is. It is only looked at, never changed. */
  faultsOf(
    structure: DeclaredStructure,
    body: Uint8Array,
  ): { violations: readonly Violation[]; more: number } | undefined {
    let message: unknown
    try {
      message = JSON.parse(utf8.decode(body))
    } catch {
      return { violations: [notJson], more: 0 }
    }
    const check = this.#checkerOf(structure)
    try {
      const faults = check(message)
      return faults.violations.length === 0 ? undefined : faults
    } catch (error) {
      if (error instanceof RangeError) return { violations: [tooDeep], more: 0 }
      throw error
    }
  }

  #checkerOf(structure: DeclaredStructure): Checker {
    const known = this.#byObject.get(structure)
    if (known) return known
    const text = JSON.stringify(structure)
    let checker = this.#byText.get(text)
    if (checker) this.#byText.delete(text)
    else checker = this.#compile(structure, text)
    this.#byText.set(text, checker)
    const [oldest] = this.#byText.keys()
    if (this.#byText.size > maxCheckers && oldest !== undefined) this.#byText.delete(oldest)
    this.#byObject.set(structure, checker)
    return checker
  }

  #compile(structure: DeclaredStructure, text: string): Checker {
    const invalid = (reason: string) => new Refusal('SettingInvalid', { setting: 'input', reason })
    if (typeof structure !== 'object' || Array.isArray(structure)) throw invalid('must be an object, or null')
    if (text.length > maxStructureLength) throw invalid(`must be at most ${maxStructureLength} characters of JSON`)
    const members = Object.keys(structure)
    try {
      if (members.length === 1 && 'fields' in structure) return compileFields(structure.fields)
      if (members.length === 1 && 'schema' in structure) {
        if (!this.#jsonSchemas) throw new Error('schema is not supported here; use fields')
        return this.#jsonSchemas.compile(structure.schema)
      }
    } catch (error) {
      throw invalid(`cannot be used: ${(error as Error).message}`)
    }
    throw invalid('must have either fields or schema, and nothing else')
  }
}

const maxStructureLength = 262_144

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const tooDeep: Violation = { field: '', rule: 'depth', message: 'The message is nested too deep.' }
const notJson: Violation = { field: '', rule: 'json', message: 'The message must be JSON.' }
