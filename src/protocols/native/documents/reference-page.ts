import { operations } from '../operations.ts'
import type { Block } from './blocks.ts'
import { anchor, reference } from './reference.ts'

/** The reference as one page that needs nothing else. */
export const referencePage = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Millrace: native API</title>
<style>${style}</style>
</head>
<body>
<nav aria-label="Operations">${navigation()}</nav>
<main>
${reference().map(write).join('\n')}
</main>
</body>
</html>
`

const navigation = (): string => {
  const sections = Object.entries(operations).map(([section, its]) => {
    const links = Object.entries(its).map(([id, { summary }]) => `<li><a href="#${id}">${escapeHtml(summary)}</a></li>`)
    return `<h2><a href="#${anchor(section)}">${escapeHtml(section)}</a></h2><ul>${links.join('')}</ul>`
  })
  const more = '<h2><a href="#objects">Objects</a></h2><h2><a href="#problems">Problems</a></h2>'
  return `<h2><a href="#native-api">Millrace</a></h2>${sections.join('')}${more}`
}

const write = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level} id="${block.id}">${inline(block.text)}</h${block.level}>`
    case 'text':
      return `<p>${inline(block.text)}</p>`
    case 'request':
      return `<p class="request"><b>${block.method}</b> <code>${escapeHtml(block.path)}</code></p>`
    case 'code':
      return `<pre><code>${escapeHtml(block.text)}</code></pre>`
    case 'table':
      return `<div class="table"><table><thead>${row('th', block.head)}</thead><tbody>${block.rows.map((cells) => row('td', cells)).join('')}</tbody></table></div>`
  }
}

const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${inline(cell)}</${tag}>`).join('')}</tr>`

const inline = (text: string): string =>
  escapeHtml(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\[([^\]]+)\]\((#[\w-]+)\)/g, '<a href="$2">$1</a>')

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1c2024, #e6e8ea); --soft: light-dark(#5b6570, #9aa4ae);
  --paper: light-dark(#ffffff, #14171a); --panel: light-dark(#f4f6f8, #1d2226); --line: light-dark(#dde2e7, #333a41);
  --link: light-dark(#0b5cad, #7cb8f2) }
* { box-sizing: border-box }
body { margin: 0; display: flex; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; flex: 0 0 17rem; padding: 1rem 1.25rem;
  background: var(--panel); border-right: 1px solid var(--line); font-size: .875rem }
nav h2 { font-size: .875rem; margin: 1rem 0 .25rem }
nav ul { list-style: none; margin: 0; padding: 0 0 0 .75rem }
nav a { color: inherit; text-decoration: none }
nav a:hover, nav a:focus-visible { text-decoration: underline }
main { flex: 1; min-width: 0; max-width: 60rem; padding: 1rem 2rem 6rem }
a { color: var(--link) }
h1 { font-size: 1.75rem }
main h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) }
main h3 { margin-top: 2.5rem }
h1, h2, h3 { line-height: 1.25; scroll-margin-top: 1rem }
code { font: .875em/1.45 ui-monospace, monospace; background: var(--panel); border-radius: 3px; padding: .1em .3em }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; overflow-x: auto }
pre code { padding: 0 }
.request b { display: inline-block; min-width: 4.5rem; color: var(--soft) }
.table { overflow-x: auto; margin: 1rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .9375rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600 }
td:first-child { white-space: nowrap }
@media (max-width: 50rem) { body { display: block } nav { position: static; height: auto; border-right: 0 } main { padding: 1rem } }
`
