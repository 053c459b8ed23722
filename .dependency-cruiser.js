// Which room of src/ may look into which. The arrows are a list of what is allowed: whatever is not named is an error.

const rooms = {
  core: { path: '^src/core/', sees: [], builtins: ['crypto', 'events', 'util'], packages: false },
  'stores/*': { path: '^src/stores/([^/]+)/', sees: ['^src/core/', '^src/stores/sql/'] },
  'protocols/*': { path: '^src/protocols/([^/]+)/', sees: ['^src/core/', '^src/protocols/http/'] },
  push: { path: '^src/push/', sees: ['^src/core/'] },
  structures: { path: '^src/structures/', sees: ['^src/core/'] },
  client: { path: '^src/client/', sees: ['^src/protocols/native/schemas/'], builtins: [] },
  embedded: {
    path: '^src/embedded/',
    sees: [
      '^src/core/',
      '^src/client/',
      '^src/push/',
      '^src/structures/',
      '^src/stores/sqlite/',
      '^src/server/server-key\\.ts$',
    ],
  },
  worker: { path: '^src/worker/', sees: ['^src/client/'] },
  cli: { path: '^src/cli/', sees: ['^src/client/', '^src/server/', '^src/protocols/native/schemas/'] },
  dashboard: { path: '^src/dashboard/', sees: ['^src/client/'] },
  testing: { path: '^src/testing/', sees: ['^src/core/'] },
  server: { path: '^src/server/', sees: ['^src/'] },
}

const test = '\\.test\\.ts$'
/** A room's own files: for `stores/*` and `protocols/*`, those of the same store or protocol. */
const own = (room) => room.path.replace('([^/]+)', '$1')

const arrows = Object.entries(rooms).map(([name, room]) => ({
  name: `${name}-sees-only-what-it-may`,
  comment: `src/${name} may import from itself${room.sees.map((path) => `, ${path.slice(1)}`).join('')}; nothing else in src/.`,
  severity: 'error',
  from: { path: room.path, pathNot: test },
  to: { path: '^(src|test|bench|examples|scripts)/', pathNot: [own(room), ...room.sees] },
}))

const builtins = Object.entries(rooms)
  .filter(([, room]) => room.builtins)
  .map(([name, room]) => ({
    name: `${name}-runs-anywhere`,
    comment: `Of node's own modules src/${name} may import: ${room.builtins.join(', ') || 'none'}.`,
    severity: 'error',
    from: { path: room.path, pathNot: test },
    to: { dependencyTypes: ['core'], pathNot: room.builtins.map((module) => `^(node:)?${module}$`) },
  }))

export default {
  forbidden: [
    ...arrows,
    ...builtins,
    {
      name: 'core-is-self-contained',
      comment: 'The rules of queues depend on no package.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: test },
      to: { path: 'node_modules' },
    },
    {
      name: 'client-is-light',
      comment: 'The client runs in browsers: of packages and of the native schemas it imports types only.',
      severity: 'error',
      from: { path: '^src/client/', pathNot: test },
      to: { path: 'node_modules|^src/protocols/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'every-file-has-a-room',
      comment: 'src/ holds index.ts and the rooms named above.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/index\\.ts$', ...Object.values(rooms).map((room) => room.path)] },
      to: {},
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-runs-on-tests',
      severity: 'error',
      from: { path: '^(src|bench|examples|scripts)/', pathNot: test },
      to: { path: [test, '^test/'] },
    },
    {
      name: 'published-code-needs-published-packages',
      comment: 'A development dependency is not there once the package is installed.',
      severity: 'error',
      // The dashboard is bundled.
      from: { path: '^src/', pathNot: [test, '^src/dashboard/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
}
