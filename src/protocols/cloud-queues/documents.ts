import { isUtf8 } from 'node:buffer'
import { jsonErrorAt } from '../http/json/scan.ts'
import { badBody, notParsed, wrongDocument } from './answer.ts'

export type Fields = Readonly<Record<string, unknown>>

/** The bytes of a request that have to be JSON, seen to be some. */
export const checkJson = (bytes: Buffer): void => {
  if (bytes.length === 0) throw badBody('Request body can not be empty.')
  if (!isUtf8(bytes)) throw notParsed()
}

/** A request's body that has to be an object; absent, where it may be, it is an empty one. */
export const readObject = (bytes: Buffer, options: { readonly optional?: boolean } = {}): Fields => {
  if (bytes.length === 0 && options.optional) return {}
  const value = readDocument(bytes)
  if (Array.isArray(value)) throw wrongDocument()
  return value as Fields
}

export const readArray = (bytes: Buffer): readonly unknown[] => {
  const value = readDocument(bytes)
  if (!Array.isArray(value)) throw wrongDocument()
  return value
}

/** An object or an array: values that are neither count as no document at all. */
const readDocument = (bytes: Buffer): object => {
  checkJson(bytes)
  if (jsonErrorAt(bytes) >= 0) throw notParsed()
  checkIntegers(bytes)
  const value: unknown = JSON.parse(bytes.toString('utf8'))
  if (typeof value !== 'object' || value === null) throw notParsed()
  return value
}

/** Clients of this API are promised integers of 64 bits, and told when one is larger. The bytes have to be JSON. */
export const checkIntegers = (bytes: Buffer): void => {
  if (!manyDigits.test(bytes.toString('latin1'))) return
  // Whole numbers stand outside strings; what is within one cannot be told by looking at its digits alone.
  JSON.parse(bytes.toString('utf8'), (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined || !/^-?\d{19,}$/.test(source)) return value
    const integer = BigInt(source)
    if (integer > largest || integer < smallest) throw badBody('JSON contains integer that is too large.')
    return value
  })
}

const manyDigits = /\d{19}/
const largest = 2n ** 63n - 1n
const smallest = -(2n ** 63n)

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A member that has to be a whole number; undefined when it is not there. */
export const integerField = (fields: Fields, name: string): number | undefined => {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongKind(name, 'int')
  return value
}

export const missingField = (name: string) => badBody(`Missing "${name}" field.`)
export const wrongKind = (name: string, kind: string) => badBody(`The value of the "${name}" field must be a ${kind}.`)
