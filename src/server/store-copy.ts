import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { type CopyProgress, type CopyResult, copyStore } from '../core/copy/copy-store.ts'
import type { Store } from '../core/store.ts'
import { postgresPlace, postgresStore } from '../stores/postgres/index.ts'
import { sqliteStore } from '../stores/sqlite/index.ts'
import { hasStore } from './offline.ts'
import { findServerKey, serverKeyPath, writeServerKey } from './server-key.ts'
import { keyDocument, knownFingerprint, sharedFingerprint } from './shared-server-key.ts'

/** Where a store is, as the command line says it: `sqlite:DIRECTORY`, or the URL of a PostgreSQL database. */
export type StorePlace =
  | { readonly kind: 'sqlite'; readonly directory: string; readonly shown: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly shown: string }

/** Throws a `TypeError` in a sentence when it names no store. */
export const parsePlace = (text: string): StorePlace => {
  const [, directory] = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(text) ?? []
  if (directory !== undefined) {
    const path = resolve(directory)
    return { kind: 'sqlite', directory: path, shown: `sqlite:${path}` }
  }
  if (/^postgres(ql)?:/.test(text)) return { kind: 'postgres', url: text, shown: postgresPlace(text) }
  throw new TypeError('A store is given as sqlite:DIRECTORY or postgres://user:password@host:port/database.')
}

export interface CopyOptions {
  readonly from: StorePlace
  readonly to: StorePlace
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: CopyProgress) => void
}

/**
 * What became of `server.key`, without which sealed secrets cannot be read:
 * - `copied`: it lies in the target's directory now
 * - `there`: it lies in the target's directory already
 * - `needed`: the servers of the target have to be given the key of those of the source
 * - `none`: the source's directory holds none; if it lies elsewhere (`serverKeyFile`), it goes on serving from there
 */
export type ServerKeyFate = 'copied' | 'there' | 'needed' | 'none'

export interface Copied extends CopyResult {
  readonly serverKey: ServerKeyFate
}

/** The places cannot be copied between: a sentence that says why. */
class CopyImpossible extends Error {
  override readonly name = 'CopyImpossible'
}

/** Copies a whole store. Throws `CopyImpossible`, `CopyRefused`, `StartError` or `StoreFailure` in a sentence. */
export const copyBetween = async ({ from, to, ...options }: CopyOptions): Promise<Copied> => {
  if (from.shown === to.shown) throw new CopyImpossible('Source and target are the same store.')
  if (from.kind === 'sqlite' && !hasStore(from.directory)) throw new CopyImpossible(`${from.directory} holds no store.`)
  const source = await open(from, false)
  try {
    const fingerprint = await fingerprintOf(from, source)
    assertSameKey(to, fingerprint)
    const target = await open(to, true)
    try {
      const atEnd = to.kind === 'postgres' && fingerprint !== undefined ? [keyDocument(fingerprint)] : []
      const run = randomUUID()
      let serverKey: ServerKeyFate = 'none'
      // A server that found the store whole and no key would make one of its own.
      const beforeEnd = () => {
        serverKey = carryKey(from, to, fingerprint)
      }
      const stores = { from: source, to: target, source: from.shown }
      const result = await copyStore({ ...options, ...stores, run, atEnd, beforeEnd })
      return { ...result, serverKey }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** Two connections do: one copy is one transaction after the other. */
const open = async (place: StorePlace, create: boolean): Promise<Store> =>
  place.kind === 'sqlite'
    ? sqliteStore({ directory: place.directory })
    : postgresStore({ url: place.url, connections: 1, listen: false, create })

/** What tells the key of the source's servers from others; undefined: it is not known here. */
const fingerprintOf = async (from: StorePlace, source: Store): Promise<string | undefined> => {
  if (from.kind === 'postgres') return knownFingerprint(source)
  const key = findServerKey(from.directory)
  return key && sharedFingerprint(key)
}

/** Secrets that were sealed under one key are lost to a server with another. */
const assertSameKey = (to: StorePlace, fingerprint: string | undefined): void => {
  const key = to.kind === 'sqlite' ? findServerKey(to.directory) : undefined
  if (to.kind !== 'sqlite' || !key || fingerprint === undefined || sharedFingerprint(key) === fingerprint) return
  throw new CopyImpossible(
    `${serverKeyPath(to.directory)} is another key than that of the source's servers, whose secrets it could not open. Put theirs in its place.`,
  )
}

const carryKey = (from: StorePlace, to: StorePlace, fingerprint: string | undefined): ServerKeyFate => {
  if (fingerprint === undefined) return 'none'
  if (to.kind === 'postgres') return 'needed'
  if (findServerKey(to.directory)) return 'there'
  const key = from.kind === 'sqlite' ? findServerKey(from.directory) : undefined
  if (!key) return 'needed'
  writeServerKey(to.directory, key)
  return 'copied'
}
