import { Type } from 'typebox'
import { defaultLimits } from '../../../core/limits.ts'
import { file, listOf, section, text, whole } from './fields.ts'

export const tls = Type.Object(
  {
    cert: Type.Optional(
      file('Certificate, with its chain, in PEM. Together with `tls.key` it makes the server speak TLS.'),
    ),
    key: Type.Optional(file('Private key of the certificate, in PEM.')),
  },
  section,
)

export const log = Type.Object(
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

export const metrics = Type.Object(
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

export const limits = Type.Object(
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

export const postgres = Type.Object(
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

export const push = Type.Object(
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
