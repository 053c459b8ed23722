import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, type ConfigSources, parseConfig } from './parse.ts'

const parse = (file: unknown, more: Partial<ConfigSources> = {}) => {
  const text = typeof file === 'string' ? file : JSON.stringify(file)
  return parseConfig({
    file: { name: 'millrace.json', text, directory: '/etc/millrace' },
    workingDirectory: '/w',
    ...more,
  })
}

const problemsOf = (run: () => unknown): readonly string[] => {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const problemsIn = (file: unknown): readonly string[] =>
  problemsOf(() => parse(file)).map((problem) => problem.replace('millrace.json: ', ''))

test('without any source there are defaults', () => {
  const config = parseConfig({ workingDirectory: '/w' })
  assert.deepEqual(
    [config.host, config.port, config.data, config.store, config.tls, config.log],
    ['127.0.0.1', 8080, '/w/millrace-data', 'sqlite', {}, { level: 'info', format: 'auto' }],
  )
  assert.equal(config.limits.maxBodyBytes, 8_388_608)
  assert.deepEqual([config.accounts, config.queues], [[], []])
})

test('flags come before variables, variables before the file, the file before defaults', () => {
  const file = { port: 1, host: '::1', limits: { maxBatch: 10, maxConnections: 10, maxWaiting: 10 } }
  const config = parse(file, {
    variables: { MILLRACE_PORT: '2', MILLRACE_LIMITS_MAX_BATCH: '20', MILLRACE_LIMITS_MAX_WAITING: '20', PATH: '/bin' },
    flags: { port: '3', 'limits.maxWaiting': '30' },
  })
  assert.equal(config.host, '::1')
  assert.equal(config.port, 3)
  const { maxBatch, maxConnections, maxWaiting, maxHeaderBytes } = config.limits
  assert.deepEqual([maxConnections, maxBatch, maxWaiting, maxHeaderBytes], [10, 20, 30, 32_768])
})

test('paths start at the file that names them, or at the working directory', () => {
  const keys = [{ id: 'k', secretFile: 'secret' }]
  const file = { data: 'data', tls: { cert: 'tls/cert.pem', key: '/abs/key.pem' }, accounts: [{ name: 'a', keys }] }
  const config = parse(file, { flags: { 'tls.cert': 'other.pem' } })
  assert.equal(config.data, '/etc/millrace/data')
  assert.deepEqual(config.tls, { cert: '/w/other.pem', key: '/abs/key.pem' })
  assert.equal(config.accounts[0]?.keys[0]?.secretFile, '/etc/millrace/secret')
  assert.equal(parse({}, { variables: { MILLRACE_DATA: 'elsewhere' } }).data, '/w/elsewhere')
})

test('accounts, keys and queues get their defaults, settings do not', () => {
  const config = parse({
    accounts: [{ name: 'shop', keys: [{ id: 'web', secret: 'a-secret-of-some-length' }] }],
    queues: [{ name: 'orders', settings: { delayMs: 5, deadLetterQueue: null } }],
  })
  assert.deepEqual(config.accounts[0]?.keys[0], {
    id: 'web',
    secret: 'a-secret-of-some-length',
    scopes: ['send', 'receive', 'manage'],
    queues: ['*'],
  })
  assert.deepEqual(config.queues[0], { name: 'orders', settings: { delayMs: 5, deadLetterQueue: null }, groups: [] })
})

test('comments are allowed, also beside texts that look like them', () => {
  const config = parse(`{
    // where to listen
    "port": 1, /* more
    lines */ "publicUrl": "http://example.com" // end
  }`)
  assert.deepEqual([config.port, config.publicUrl], [1, 'http://example.com'])
})

test('what is not JSON is told with its place, and without the text, which may be secret', () => {
  const cases: [text: string, problem: string][] = [
    ['{"port": 1,\n  "host": }', "Unexpected token '}' at line 2, column 11"],
    ['{"port": 1,}', 'Expected double-quoted property name at line 1, column 12'],
    ['{"secret": hunter2hunter2}', "Unexpected token 'h' at line 1, column 12"],
    ['{"é": "unterminated', 'Unterminated string at line 1, column 20'],
    ['', 'Unexpected end of JSON at line 1, column 1'],
    ['[]', 'the configuration must be an object'],
  ]
  for (const [text, problem] of cases)
    assert.deepEqual(
      problemsOf(() => parse(text)),
      [`millrace.json: ${problem}`],
    )
})

test('a problem names its path in the file', () => {
  const key = { id: 'web', secret: 'a-secret-of-some-length' }
  const cases: [file: unknown, ...problems: string[]][] = [
    [{ prot: 80 }, 'prot is not known here; did you mean port?'],
    [{ zzz: 80 }, 'zzz is not known here'],
    [{ port: '80' }, 'port must be a whole number from 0 to 65535'],
    [{ port: 8080.5 }, 'port must be a whole number from 0 to 65535'],
    [{ limits: 5 }, 'limits must be an object'],
    [{ limits: { maxBatch: 5000 } }, 'limits.maxBatch must be a whole number from 1 to 1000'],
    [
      { store: 'oracle' },
      "store must be 'sqlite', or the URL of a PostgreSQL database such as postgres://user:password@host/database",
    ],
    [{ log: { level: 'loud' } }, 'log.level must be one of trace, debug, info, warn, error, silent'],
    [{ metrics: { public: 'yes' } }, 'metrics.public must be true or false'],
    [{ publicUrl: 'example.com' }, 'publicUrl must be an address such as https://queue.example.com'],
    [{ tls: { cert: 'c.pem' } }, 'tls.key is missing: tls.cert needs it'],
    [{ tls: { key: 'k.pem' } }, 'tls.cert is missing: tls.key needs it'],
    [
      { limits: { idleTimeoutMs: 100 } },
      'limits.idleTimeoutMs must be more than limits.maxWaitMs, or waiting receives are cut off',
    ],
    [{ accounts: {} }, 'accounts must be a list'],
    [{ accounts: [{}] }, 'accounts[0].name is missing'],
    [
      { accounts: [{ name: 'a\n' }] },
      'accounts[0].name must have 1 to 256 characters, none of them a control character, and no space at its ends',
    ],
    [{ accounts: [{ name: 'a' }, { name: 'a' }] }, 'accounts[1].name is there twice'],
    [{ accounts: [{ name: 'a', keys: [{ id: 'k' }] }] }, 'accounts[0].keys[0] must have either secret or secretFile'],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, secretFile: 'x' }] }] },
      'accounts[0].keys[0] must have either secret or secretFile',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, secret: 'short' }] }] },
      'accounts[0].keys[0].secret must have 16 to 256 characters, ASCII without spaces',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, client: {}, scopes: ['admin'] }] }] },
      'accounts[0].keys[0].scopes must not include admin: a client key can be read by whoever has the client',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, client: {}, secret: 'mr_web_0123456789abcdef' }] }] },
      'accounts[0].keys[0].secret must not look like a bearer token, which mr_ at its beginning makes it',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, client: { authorizedDomains: ['https://x.org'] } }] }] },
      'accounts[0].keys[0].client.authorizedDomains must be a host such as shop.example.com, *.example.com (any below it) or localhost:3000 (that port only)',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, client: { enforceSession: 'yes' } }] }] },
      'accounts[0].keys[0].client.enforceSession must be true or false',
    ],
    [
      {
        accounts: [
          { name: 'a', keys: [{ ...key, client: {} }] },
          { name: 'b', keys: [{ ...key, id: 'other', client: {} }] },
        ],
      },
      'accounts[1].keys[0].secret is that of another client key',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, id: 'a_b' }] }] },
      'accounts[0].keys[0].id must have 1 to 128 letters, digits or . @ + -',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, scopes: [] }] }] },
      'accounts[0].keys[0].scopes must be a list of at least one',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, scopes: ['read'] }] }] },
      'accounts[0].keys[0].scopes[0] must be one of send, receive, manage, admin',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, expiresAt: 'soon' }] }] },
      'accounts[0].keys[0].expiresAt must be a date such as 2030-12-31, or a time such as 2030-12-31T23:59:59Z',
    ],
    [
      { accounts: [{ name: 'a', keys: [{ ...key, expiresAt: '2030-13-31' }] }] },
      'accounts[0].keys[0].expiresAt is not a date that exists',
    ],
    [
      {
        accounts: [
          { name: 'a', keys: [key] },
          { name: 'b', keys: [key] },
        ],
      },
      'accounts[1].keys[0].id is there twice',
    ],
    [
      { queues: [{ name: 'a' }, { name: 'b' }, { name: 'c', settings: { delayMs: -1 } }] },
      'queues[2].settings.delayMs must be a whole number from 0 to 315532800000',
    ],
    [
      { queues: [{ name: 'a', settings: { retentionMs: '1d' } }] },
      'queues[0].settings.retentionMs must be a whole number from 1 to 315532800000, or null',
    ],
    [
      { queues: [{ name: 'a', settings: { delay: 1 } }] },
      'queues[0].settings.delay is not known here; did you mean delayMs?',
    ],
    [
      { queues: [{ name: 'a', settings: { newestFirst: true, ordering: 'ordered' } }] },
      'queues[0].settings.newestFirst needs ordering unordered',
    ],
    [{ queues: [{ name: 'a', groups: ['g'] }] }, 'queues[0].groups needs settings.consumerGroups to be true'],
    [{ queues: [{ name: 'a' }, { name: 'a' }] }, 'queues[1].name is there twice'],
    [
      { accounts: [{ name: 'a' }, { name: 'b' }], queues: [{ name: 'q' }] },
      'queues[0].account is missing: with several accounts, say which of them owns the queue',
    ],
  ]
  for (const [file, ...problems] of cases) assert.deepEqual(problemsIn(file), problems)
})

test('every problem is told at once', () => {
  const problems = problemsIn({ port: -1, hots: 'x', queues: [{ settings: { paused: 1 } }] })
  assert.equal(problems.length, 4)
})

test('a problem of a variable or a flag is told under its name', () => {
  const cases: [sources: Partial<ConfigSources>, problem: string][] = [
    [{ variables: { MILLRACE_PORT: 'x' } }, 'MILLRACE_PORT must be a whole number from 0 to 65535'],
    [{ variables: { MILLRACE_PORT: '99999' } }, 'MILLRACE_PORT must be a whole number from 0 to 65535'],
    [{ variables: { MILLRACE_PROT: '80' } }, 'MILLRACE_PROT is not known; did you mean MILLRACE_PORT?'],
    [{ variables: { MILLRACE_ACCOUNTS: '{' } }, 'MILLRACE_ACCOUNTS must be a list'],
    [{ variables: { MILLRACE_ACCOUNTS: '[{}]' } }, 'MILLRACE_ACCOUNTS[0].name is missing'],
    [{ variables: { MILLRACE_METRICS_PUBLIC: '1' } }, 'MILLRACE_METRICS_PUBLIC must be true or false'],
    [{ flags: { 'log.level': 'loud' } }, '--log-level must be one of trace, debug, info, warn, error, silent'],
    [{ flags: { 'limits.maxBatch': '1e3' } }, '--limits-max-batch must be a whole number from 1 to 1000'],
  ]
  for (const [sources, problem] of cases) {
    assert.deepEqual(
      problemsOf(() => parseConfig({ workingDirectory: '/w', ...sources })),
      [problem],
    )
  }
})

test('variables that are not for the server are let be', () => {
  const config = parseConfig({
    workingDirectory: '/w',
    variables: {
      MILLRACE_TOKEN: 'mr_x_y',
      MILLRACE_PORT: 'tcp://10.0.0.1:8080',
      MILLRACE_SERVICE_HOST: '10.0.0.1',
      MILLRACE_SERVICE_PORT_HTTP: '8080',
      MILLRACE_PORT_8080_TCP_ADDR: '10.0.0.1',
    },
  })
  assert.equal(config.port, 8080)
})

test('accounts and queues may come in a variable, as JSON', () => {
  const { accounts } = parseConfig({ workingDirectory: '/w', variables: { MILLRACE_ACCOUNTS: '[{"name":"shop"}]' } })
  assert.deepEqual(accounts, [{ name: 'shop', keys: [] }])
})
