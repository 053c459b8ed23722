import { operations } from './operations.ts'

/** The table of calls in docs/protocols/dms.md. */
export const operationsReference = (): string =>
  [
    '| Call | What it does |',
    '| --- | --- |',
    ...operations.flatMap(({ method, paths, summary }) =>
      paths.map((path) => `| \`${method} ${path}\` | ${summary} |`),
    ),
  ].join('\n')
