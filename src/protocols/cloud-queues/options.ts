import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { AccountVersions, Identity } from '../../core/identity/identity.ts'
import type { OriginOf } from '../http/origin.ts'

export interface CloudQueuesSettings {
  /** Messages in one post of v1, and of the later versions. */
  readonly maxMessagesPerPostV1: number
  readonly maxMessagesPerPost: number
  /** Messages, queues or claimed messages in one answer, and ids in one request. */
  readonly maxPage: number
  /** Bytes of a post: in v1 of its bodies without white space, later of the whole document. */
  readonly maxPostBytes: number
  /** v1 counts the whole document as later versions do. */
  readonly countsWhiteSpaceInV1: boolean
  /** Bytes of a queue's metadata, as sent. */
  readonly maxMetadataBytes: number
  /** v2 shows a checksum of each message's body. */
  readonly checksums: boolean
}

export const defaultSettings: CloudQueuesSettings = {
  maxMessagesPerPostV1: 10,
  maxMessagesPerPost: 20,
  maxPage: 20,
  maxPostBytes: 262_144,
  countsWhiteSpaceInV1: false,
  maxMetadataBytes: 65_536,
  checksums: false,
}

export interface CloudQueuesOptions {
  readonly engine: QueueEngine
  readonly identity: Identity & AccountVersions
  readonly clock: Clock
  /** What pre-signed URLs are signed with is made of it. */
  readonly serverKey: Uint8Array
  readonly origin: OriginOf
  readonly settings?: Partial<CloudQueuesSettings>
  /** Largest body of a request. */
  readonly maxBodyBytes?: number
}
