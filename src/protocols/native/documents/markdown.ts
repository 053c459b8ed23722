import type { Block } from './blocks.ts'
import { reference } from './reference.ts'

/** The reference as `docs/reference/native-api.md` has it. */
export const referenceMarkdown = (): string => {
  const note = '<!-- Made of the table of operations by src/protocols/native/documents/markdown.ts; do not edit. -->'
  return `${note}\n\n${reference().map(write).join('\n\n')}\n`
}

const write = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `<a id="${block.id}"></a>\n\n${'#'.repeat(block.level)} ${block.text}`
    case 'text':
      return block.text
    case 'request':
      return `\`${block.method} ${block.path}\``
    case 'code':
      return `\`\`\`${block.language}\n${block.text}\n\`\`\``
    case 'table':
      return [block.head, block.head.map(() => '---'), ...block.rows].map(row).join('\n')
  }
}

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
