import { type Static, type TSchema, type TSchemaOptions, Type } from 'typebox'
import { defaultLimits } from '../../core/limits.ts'
import { QueueSettingsPatch } from '../../protocols/native/schemas/settings.ts'

/**
 * All that can be configured. A member with a `default` may be left out, as may an optional one; `expects` says what a
 * text has to be, and `path` marks the ones that name files.
 */
const strict = { additionalProperties: false } as const
const section = { ...strict, default: {} } as const

const whole = (description: string, minimum: number, maximum: number, standard: number) =>
  Type.Integer({ description, minimum, maximum, default: standard })

const text = (description: string, options: TSchemaOptions & { expects?: string; pattern?: string } = {}) =>
  Type.String({ minLength: 1, description, ...options })

const file = (description: string, options: TSchemaOptions = {}) =>
  text(description, { expects: 'the path of a file', path: true, ...options })

const listOf = <Item extends TSchema>(item: Item, description: string, options: TSchemaOptions = {}) =>
  Type.Array(item, { description, default: [], ...options })

const tls = Type.Object(
  {
    cert: Type.Optional(
      file('Certificate, with its chain, in PEM. Together with `tls.key` it makes the server speak TLS.'),
    ),
    key: Type.Optional(file('Private key of the certificate, in PEM.')),
  },
  section,
)

const log = Type.Object(
  {
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      description: 'The least important lines that are logged. At `debug` every request is.',
    }),
    format: Type.Enum(['auto', 'json', 'text'], {
      default: 'auto',
      description: 'One JSON object a line, or lines for people; `auto`: for people on a terminal, else JSON.',
    }),
  },
  section,
)

const metrics = Type.Object(
  {
    public: Type.Boolean({
      default: false,
      description: '`/metrics` answers anyone, not only keys with scope `admin`. It names queues and accounts.',
    }),
    queues: whole('Queues with numbers of their own in `/metrics`; the rest are summed up.', 0, 10_000, 100),
    series: whole(
      'Queues whose last day the dashboard charts; the longest idle one makes room for another.',
      1,
      10_000,
      200,
    ),
  },
  section,
)

const limits = Type.Object(
  {
    maxBodyBytes: whole('Largest body of a request, in bytes.', 1024, 1_073_741_824, 8_388_608),
    maxHeaderBytes: whole(
      'Largest head of a request, in bytes: its first line and all headers.',
      1024,
      1_048_576,
      32_768,
    ),
    maxConnections: whole('Connections at once; further ones are closed at once.', 1, 1_000_000, 10_000),
    maxWaiting: whole('Receives that may wait for messages at once.', 0, 1_000_000, 10_000),
    maxWaitMs: whole(
      'How long a receive may wait, in milliseconds.',
      0,
      defaultLimits.maxWaitMs,
      defaultLimits.maxWaitMs,
    ),
    historyMs: whole(
      'How long what became of a message stays readable, in milliseconds from its send. The same on all nodes over one store.',
      0,
      315_360_000_000,
      defaultLimits.historyMs,
    ),
    maxBatch: whole('Messages in one request.', 1, defaultLimits.maxBatch, defaultLimits.maxBatch),
    headersTimeoutMs: whole(
      'Time for a client to send the head of a request, in milliseconds.',
      100,
      3_600_000,
      20_000,
    ),
    requestTimeoutMs: whole('Time for a client to send a whole request, in milliseconds.', 100, 3_600_000, 120_000),
    keepAliveTimeoutMs: whole(
      'How long a connection is kept between requests, in milliseconds.',
      100,
      3_600_000,
      65_000,
    ),
    idleTimeoutMs: whole(
      'How long a connection may stand still within a request or answer, in milliseconds; longer than `maxWaitMs`.',
      100,
      7_200_000,
      660_000,
    ),
    stopTimeoutMs: whole('How long a stop may take before connections are cut, in milliseconds.', 0, 600_000, 10_000),
  },
  section,
)

export const ClientKey = Type.Object(
  {
    enforceSession: Type.Boolean({
      default: false,
      description: 'Whoever uses it has to be signed in as a user of the account.',
    }),
    authorizedDomains: listOf(
      text(''),
      'Where pages that use it may come from: `shop.example.com`, `*.example.com` (any below it), `localhost:3000` ' +
        '(that port only). None: from anywhere, and programs may use it too.',
    ),
  },
  strict,
)

export const AccountKey = Type.Object(
  {
    id: text('The access key id: letters, digits and `. @ + -`.'),
    secret: Type.Optional(text('16 to 256 characters, ASCII without spaces. The bearer token is `mr_ID_SECRET`.')),
    secretFile: Type.Optional(file('A file that holds the secret, instead of `secret`.')),
    name: Type.Optional(text('What the key is for, for people.')),
    scopes: Type.Array(Type.Enum(['send', 'receive', 'manage', 'admin']), {
      default: ['send', 'receive', 'manage'],
      minItems: 1,
      description: 'What the key may do: `send`, `receive`, `manage`, `admin`.',
    }),
    queues: Type.Array(text(''), {
      default: ['*'],
      minItems: 1,
      description:
        'The queues it may do that with: names, or patterns in which `*` stands for any run of characters. `admin` is for all.',
    }),
    expiresAt: Type.Optional(
      text('From when on the key is void: a date, or a date and time with its zone.', {
        pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d))?$',
        expects: 'a date such as 2030-12-31, or a time such as 2030-12-31T23:59:59Z',
      }),
    ),
    client: Type.Optional({
      ...ClientKey,
      description:
        'Makes it a client key, for clients of APIs that have such keys (Altogic): the secret is the client key, and the key is no bearer token.',
    }),
  },
  strict,
)

export const Account = Type.Object(
  {
    name: text('The name of the account.'),
    displayName: Type.Optional(text('Its name for people.')),
    password: Type.Optional(
      text('A password that StarQueue’s clients trade for a token: 12 to 256 characters, ASCII without spaces.'),
    ),
    passwordFile: Type.Optional(file('A file that holds the password, instead of `password`.')),
    keys: listOf(AccountKey, 'Its keys. One that is taken out of the file is revoked at the next start.'),
  },
  strict,
)

export const Queue = Type.Object(
  {
    account: Type.Optional(text('The account that owns it. May be left out while there is at most one in `accounts`.')),
    name: text('The name of the queue.'),
    settings: { ...QueueSettingsPatch, default: {}, description: 'Settings that differ from the defaults.' },
    groups: listOf(text(''), 'Consumer groups, for a queue with `consumerGroups`.'),
  },
  strict,
)

const push = Type.Object(
  {
    allowPrivateTargets: Type.Optional(
      Type.Boolean({
        description:
          'Services on private, local and other special addresses may be called. If nothing is said: those on this machine ' +
          'itself, while the server is open.',
      }),
    ),
    allowedTargets: listOf(
      text(''),
      'Networks that may be called besides public addresses, such as `10.1.0.0/16` or `fd00::/8`.',
    ),
    mailServer: Type.Optional(
      text('The mail server that messages for `mailto:` targets are handed to, as `smtp://user:password@host:587`.', {
        pattern: '^smtps?://[^\\s/]+/?(\\?\\S*)?$',
        expects: 'the URL of a mail server such as smtp://user:password@host:587',
      }),
    ),
    mailFrom: Type.Optional(
      text('Whom those mails are from: `queues@example.com`, or `Queues <queues@example.com>`.', {
        pattern: '^([^<>@\\r\\n]*<[^<>@\\s]+@[^<>@\\s]+>|[^<>@\\s]+@[^<>@\\s]+)$',
        expects: 'a mail address such as queues@example.com',
      }),
    ),
    stopTimeoutMs: whole(
      'How long a stop waits for calls that are under way before their messages are handed back, in milliseconds.',
      0,
      600_000,
      5_000,
    ),
  },
  section,
)

const altogic = Type.Object(
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

const starqueue = Type.Object(
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

const cloudQueues = Type.Object(
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

const dms = Type.Object(
  {
    maxQueues: whole('The quota of queues of each project, whichever API they were made through.', 0, 1_000_000, 30),
    maxGroups: whole('Consumer groups that a queue may have, and that one request may make.', 1, 1000, 3),
  },
  section,
)

const keystone = Type.Object(
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

const postgres = Type.Object(
  {
    connections: whole(
      'Transactions at once, each with a connection to PostgreSQL; three more serve what goes on beside them.',
      1,
      64,
      4,
    ),
    listen: Type.Boolean({
      default: true,
      description:
        'Servers tell each other with LISTEN and NOTIFY what came, which needs a connection of its own past any pooler that gives it to others between transactions.',
    }),
    retryMs: whole(
      'How long a request waits for a PostgreSQL that is gone before it is refused, in milliseconds.',
      0,
      60_000,
      5000,
    ),
  },
  section,
)

export const ConfigSchema = Type.Object(
  {
    host: text('Address to listen on. One that others can reach needs an account.', { default: '127.0.0.1' }),
    port: whole('Port to listen on; 0 takes any that is free.', 0, 65_535, 8080),
    publicUrl: Type.Optional(
      text('The address under which clients reach this server, where it differs: behind a proxy.', {
        pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*)?$',
        expects: 'an address such as https://queue.example.com',
      }),
    ),
    tls,
    data: text('Directory of the data; it is made if need be.', {
      default: './millrace-data',
      expects: 'the path of a directory',
      path: true,
    }),
    store: text(
      'Where messages are kept: `sqlite`, in the directory of the data, or a PostgreSQL database that any number of servers share, as ' +
        '`postgres://user:password@host/database`.',
      {
        default: 'sqlite',
        pattern: '^(sqlite|postgres(ql)?://.+)$',
        expects: "'sqlite', or the URL of a PostgreSQL database such as postgres://user:password@host/database",
      },
    ),
    postgres,
    serverKeyFile: Type.Optional(
      file(
        'The key under which secrets are sealed; by default `server.key` in the directory of the data. Servers that share a database share it.',
      ),
    ),
    timeZone: Type.Optional(
      text('Time zone in which days begin, for what is counted by the day; if nothing is said, that of the machine.', {
        expects: 'a name such as Europe/Berlin or UTC',
      }),
    ),
    log,
    metrics,
    limits,
    push,
    altogic,
    starqueue,
    cloudQueues,
    dms,
    keystone,
    accounts: listOf(
      Account,
      'Accounts that exist from the start, with their keys. With any account the server is closed.',
    ),
    queues: listOf(
      Queue,
      'Queues that exist from the start. One whose entry has changed gets its new settings at the next start; one that ' +
        'is taken out stays.',
    ),
  },
  strict,
)

export type Config = Static<typeof ConfigSchema>
export type ConfigAccount = Static<typeof Account>
export type ConfigAccountKey = Static<typeof AccountKey>
export type ConfigQueue = Static<typeof Queue>
