import { Type } from 'typebox'
import { section, text, whole } from './fields.ts'

// What each API can be told, but for the native one, which takes it all from `limits`.

export const altogic = Type.Object(
  {
    sessionLifetimeMs: Type.Optional(
      Type.Integer({
        description: 'How long a session of a user lasts, in milliseconds; if nothing is said, until it is signed out.',
        minimum: 1000,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ),
  },
  section,
)

export const starqueue = Type.Object(
  {
    signUp: Type.Optional(
      Type.Boolean({
        description:
          'Anyone may make an account at `/accountcreate`. If nothing is said: while only this machine can reach the server.',
      }),
    ),
    retentionMs: whole('Life of messages that name none, in milliseconds.', 1000, 1_209_600_000, 14_400_000),
    maxMessageBytes: whole(
      'Largest `MessageBody`, in bytes of base64; its request has to fit into `limits.maxBodyBytes` too.',
      1024,
      67_108_864,
      262_144,
    ),
    maxMessages: Type.Optional(
      Type.Integer({ description: 'Messages that a queue holds at most; if nothing is said, any number.', minimum: 1 }),
    ),
    tokenLifetimeMs: Type.Optional(
      Type.Integer({
        description: 'How long a token is good, in milliseconds; if nothing is said, for ever.',
        minimum: 1000,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ),
  },
  section,
)

export const cloudQueues = Type.Object(
  {
    maxMessagesPerPostV1: whole('Messages in one post through v1.', 1, 1000, 10),
    maxMessagesPerPost: whole('Messages in one post through v1.1 and v2.', 1, 1000, 20),
    maxPage: whole(
      'Messages or queues in one page, messages in one claim or pop, and ids in one request.',
      1,
      1000,
      20,
    ),
    maxPostBytes: whole(
      'Largest post, in bytes: in v1 of its bodies without white space, in later versions of the whole request.',
      1,
      67_108_864,
      262_144,
    ),
    countsWhiteSpaceInV1: Type.Boolean({
      default: false,
      description: 'v1 counts the whole request, as later versions do.',
    }),
    maxMetadataBytes: whole('Largest metadata of a queue, in bytes as sent.', 1, 1_048_576, 65_536),
    checksums: Type.Boolean({
      default: false,
      description: 'v2 shows a checksum of each message: MD5 of its body as Python writes it.',
    }),
  },
  section,
)

export const dms = Type.Object(
  {
    maxQueues: whole('The quota of queues of each project, whichever API they were made through.', 0, 1_000_000, 30),
    maxGroups: whole('Consumer groups that a queue may have, and that one request may make.', 1, 1000, 3),
  },
  section,
)

export const keystone = Type.Object(
  {
    tokenLifetimeMs: whole(
      'How long a token is good that the identity service gives, in milliseconds.',
      1000,
      2_592_000_000,
      86_400_000,
    ),
    regions: Type.Array(text(''), {
      default: ['RegionOne', 'DFW', 'IAD', 'ORD', 'LON', 'HKG', 'SYD'],
      minItems: 1,
      description: 'Regions that the catalogue names; every one of them is this server.',
    }),
  },
  section,
)
