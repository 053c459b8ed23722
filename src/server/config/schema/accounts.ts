import { Type } from 'typebox'
import { file, listOf, strict, text } from './fields.ts'

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
