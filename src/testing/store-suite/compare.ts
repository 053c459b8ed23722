import assert from 'node:assert/strict'
import type { Item } from '../../core/delivery.ts'

/**
 * A record as plain data: bytes as text, one kind of object, fields without a value left out; so that a store may give
 * buffers, objects of its own making and the like.
 */
export const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('latin1')}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries.map(([name, field]) => [name, plain(field)]))
}

export const same = (actual: unknown, expected: unknown): void => {
  assert.deepEqual(plain(actual), plain(expected))
}

/** For reads whose order the contract leaves open. */
export const sameSet = (actual: readonly unknown[], expected: readonly unknown[]): void => {
  same(sorted(actual), sorted(expected))
}

export const sorted = (values: readonly unknown[]): unknown[] =>
  values
    .map((value) => ({ value: plain(value), text: canonical(plain(value)) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value)

/** JSON text that does not depend on the order of fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  )

export const positions = (items: readonly Item[]): number[] => items.map(({ delivery }) => delivery.position)
