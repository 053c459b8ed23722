import { type Static, Type } from 'typebox'
import { nullable, strict, timestamp, timestampOrNull } from './common.ts'

const AccountName = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'The name of an account.',
  examples: ['acme'],
})

export const AccountPath = Type.Object({ account: AccountName })
export type AccountPath = Static<typeof AccountPath>

export const KeyPath = Type.Object({ account: AccountName, keyId: Type.String({ description: 'An access key id.' }) })
export type KeyPath = Static<typeof KeyPath>

export const Account = Type.Object(
  {
    name: AccountName,
    displayName: Type.String({ description: 'For people; may be empty.' }),
    projectId: Type.String({
      description:
        'What clients of DMS are given as its project: its name, if that has 32 hexadecimal digits or is a UUID, else digits made of the name.',
      examples: ['6f4d3947d1c54450346d0fdeb213bf17'],
    }),
    createdAt: timestamp('When it was created.'),
  },
  { title: 'Account', description: 'Owns queues and keys; every account sees only its own.' },
)
export type Account = Static<typeof Account>

export const PutAccountRequest = Type.Object(
  { displayName: Type.Optional(Type.String({ maxLength: 256, description: 'For people.' })) },
  { ...strict, title: 'PutAccountRequest', examples: [{ displayName: 'Acme Ltd' }] },
)
export type PutAccountRequest = Static<typeof PutAccountRequest>

export const ListAccountsQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ description: 'Only names after this one: the `next` of the page before.' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Accounts a page, at most.' }),
    ),
  },
  { ...strict, title: 'ListAccountsQuery' },
)
export type ListAccountsQuery = Static<typeof ListAccountsQuery>

export const AccountPage = Type.Object(
  {
    accounts: Type.Array(Account, { description: 'In the order of their names.' }),
    next: nullable(Type.String(), { description: 'Pass as `after` for the next page; null on the last one.' }),
  },
  { title: 'AccountPage' },
)
export type AccountPage = Static<typeof AccountPage>

export const Scope = Type.Enum(['send', 'receive', 'manage', 'admin'], {
  title: 'Scope',
  description:
    '`send`: send messages. `receive`: receive, settle, claim and look at messages. `manage`: queues, groups, purge, ' +
    'redrive and delete by id. `admin`: accounts, keys and backups of the whole server.',
})
export type Scope = Static<typeof Scope>

const queuePattern = 'Queue names it holds for: a name, or a pattern in which `*` stands for any run of characters.'

const authorizedDomains =
  'Where pages that use it may come from: `shop.example.com`, `*.example.com` (any below it), `localhost:3000` (that port ' +
  'only). None: from anywhere, and programs may use it too.'

export const CreateKeyRequest = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 256, description: 'What the key is for, in your words.' })),
    scopes: Type.Optional(
      Type.Array(Scope, {
        minItems: 1,
        default: ['send', 'receive', 'manage'],
        description: 'What the key may do.',
      }),
    ),
    queues: Type.Optional(Type.String({ minLength: 1, default: '*', description: queuePattern })),
    expiresAt: Type.Optional(timestamp('From when on it is void; absent: never.')),
    client: Type.Optional(
      Type.Object(
        {
          key: Type.Optional(
            Type.String({
              minLength: 16,
              maxLength: 256,
              description: 'The text that its clients send, where they have one already; default: one that is made up.',
              examples: ['3f0cb2a17d5e4c60'],
            }),
          ),
          enforceSession: Type.Optional(
            Type.Boolean({
              default: false,
              description: 'Whoever uses it has to be signed in as a user of the account.',
            }),
          ),
          authorizedDomains: Type.Optional(Type.Array(Type.String(), { default: [], description: authorizedDomains })),
        },
        {
          ...strict,
          title: 'NewClientKey',
          description:
            'Makes it a client key: for clients of APIs that have such keys (Altogic), in web pages too. It is not taken as a bearer token.',
        },
      ),
    ),
  },
  { ...strict, title: 'CreateKeyRequest', examples: [{ name: 'checkout', scopes: ['send'], queues: 'orders*' }] },
)
export type CreateKeyRequest = Static<typeof CreateKeyRequest>

const key = {
  id: Type.String({ description: 'The access key id.', examples: ['MR4Q7Z2X5K'] }),
  account: AccountName,
  name: Type.String({ description: 'What the key is for; may be empty.' }),
  grants: Type.Array(
    Type.Object({ scope: Scope, queues: Type.String({ description: queuePattern }) }, { title: 'Grant' }),
    { description: 'What the key may do, and to which queues.' },
  ),
  createdAt: timestamp('When it was created.'),
  expiresAt: timestampOrNull('From when on it is void.', 'never'),
  lastUsedAt: timestampOrNull('When it was last used, to within some minutes.', 'never'),
  configured: Type.Boolean({
    description: 'It stands in the server’s configuration file, and only there can it be changed or removed.',
  }),
  client: nullable(
    Type.Object(
      {
        enforceSession: Type.Boolean({ description: 'Whoever uses it has to be signed in as a user of the account.' }),
        authorizedDomains: Type.Array(Type.String(), { description: authorizedDomains }),
      },
      { title: 'ClientTerms' },
    ),
    { description: 'The terms of a client key; null: it is none.' },
  ),
}

export const Key = Type.Object(key, { title: 'Key', description: 'An access key, without its secret.' })
export type Key = Static<typeof Key>

export const CreatedKey = Type.Object(
  {
    ...key,
    secret: Type.String({
      description: 'Goes with the id where a door asks for both. Shown this once and never again.',
    }),
    token: Type.String({
      description:
        'Id and secret in one, for `Authorization: Bearer`; of a client key what its clients send. Shown this once.',
    }),
  },
  { title: 'CreatedKey' },
)
export type CreatedKey = Static<typeof CreatedKey>

export const Keys = Type.Object(
  { keys: Type.Array(Key, { description: 'All of them, expired ones too for a while.' }) },
  { title: 'Keys' },
)
export type Keys = Static<typeof Keys>

export const BackupRequest = Type.Object(
  {
    file: Type.String({
      minLength: 1,
      description: 'Where the server writes the backup: a path on the server’s machine that does not exist yet.',
      examples: ['/var/backups/millrace-2030-01-01.db'],
    }),
  },
  { ...strict, title: 'BackupRequest', examples: [{ file: '/var/backups/millrace-2030-01-01.db' }] },
)
export type BackupRequest = Static<typeof BackupRequest>

export const BackupProgress = Type.Union(
  [
    Type.Object(
      {
        state: Type.Literal('running', { description: 'It goes on.' }),
        done: Type.Integer({ minimum: 0, description: 'Steps taken.' }),
        total: Type.Integer({ minimum: 0, description: 'Steps in all, as far as is known.' }),
      },
      { title: 'BackupRunning' },
    ),
    Type.Object(
      {
        state: Type.Literal('completed', { description: 'It is complete.' }),
        file: Type.String({ description: 'Where it is.' }),
        sizeBytes: Type.Integer({ minimum: 0, description: 'How large it is.' }),
      },
      { title: 'BackupCompleted' },
    ),
    Type.Object(
      {
        state: Type.Literal('failed', { description: 'It is not complete, and there is no file.' }),
        code: Type.String({ description: 'Why: one of the codes of problems.' }),
        detail: Type.String({ description: 'The same in a sentence.' }),
      },
      { title: 'BackupFailed' },
    ),
  ],
  {
    title: 'BackupProgress',
    description: 'One line of the answer; the last one says whether the backup is complete.',
  },
)
export type BackupProgress = Static<typeof BackupProgress>

export const ServerInfo = Type.Object(
  {
    version: Type.String({ description: 'The version of Millrace.' }),
    runtime: Type.String({ description: 'What it runs on.', examples: ['node 26.10.0'] }),
    open: Type.Boolean({ description: 'True in open mode: no account is configured and no credentials are needed.' }),
    startedAt: timestamp('When the server started.'),
    uptimeMs: Type.Integer({ minimum: 0, description: 'How long it has run, in milliseconds.' }),
    dataDirectory: nullable(Type.String(), { description: 'Where its data is; null when that is not on its machine.' }),
    store: Type.Object(
      {
        kind: Type.String({ description: 'What it is.', examples: ['sqlite'] }),
        sizeBytes: Type.Integer({ minimum: 0, description: 'How large it is.' }),
        gauges: Type.Record(Type.String(), Type.Number(), { description: 'Other facts that operators watch.' }),
      },
      { title: 'StoreInfo', description: 'Where messages are kept.' },
    ),
  },
  { title: 'ServerInfo' },
)
export type ServerInfo = Static<typeof ServerInfo>
