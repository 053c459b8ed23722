import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { examplesOf } from './command.ts'
import { catalogue } from './commands.ts'
import { loadProgram } from './program.ts'
import { renderReference } from './reference.ts'

const program = await loadProgram()
const below = (command: CommandUnknownOpts): readonly CommandUnknownOpts[] =>
  command.commands.flatMap((child) => [child, ...below(child)])

test('the reference page is current', async () => {
  const page = await readFile(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8')
  assert.ok(
    page === renderReference(program),
    'docs/reference/cli.md is not; write it with `node scripts/cli-reference.ts`',
  )
})

test('every command has a description, examples that name it, and described options', () => {
  for (const command of below(program)) {
    const name = command.name()
    const examples = examplesOf(command)
    assert.ok(command.description() !== '', name)
    assert.ok(examples.length > 0, `${name} has no examples`)
    for (const [line] of examples) assert.match(line, /millrace /, name)
    assert.ok(
      examples.some(([line]) => line.includes(name)),
      `no example of ${name} shows it`,
    )
    for (const option of command.options) assert.ok(option.description !== '', `${name} ${option.flags}`)
    for (const argument of command.registeredArguments)
      assert.ok(argument.description !== '', `${name} ${argument.name()}`)
  }
})

test('the catalogue names the commands as they name themselves', async () => {
  for (const { name, load } of catalogue) assert.equal((await load())().name(), name)
})
