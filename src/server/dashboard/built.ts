import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Built {
  readonly directory: string
  /** The page, whatever screen is asked for. */
  readonly page: string
}

/** Run from source, the app is where `npm ci` (or `npm run build:dashboard`) puts it; in the package, beside the server. */
const directory = join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? '../../../build/dashboard' : '../../dashboard',
)

/** Undefined when nobody has built it. `path`: where the server is reached below its host, such as `/queues`; mostly empty. */
export const builtDashboard = (path: string): Built | undefined => {
  const file = join(directory, 'index.html')
  if (!existsSync(file)) return undefined
  const page = readFileSync(file, 'utf8').replace(
    '<base href="/dashboard/" />',
    `<base href="${encodeURI(path).replaceAll('"', '%22')}/dashboard/" />`,
  )
  return { directory, page }
}

export const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Millrace</title>
<h1>Millrace is running</h1>
<p>Its dashboard is not built yet. In the directory of the checkout, run <code>npm run build:dashboard</code>, and load this page again.</p>
<p><a href="/api/v1/reference">Reference of the API</a> · <a href="/readyz">Is it ready?</a></p>
</html>
`
