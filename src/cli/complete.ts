import type { CommandUnknownOpts } from '@commander-js/extra-typings'

export interface Candidate {
  readonly value: string
  readonly description: string
}

/** What may stand where the cursor is: some words, the name of a file, or the name of a queue. */
export type Completion =
  | { readonly kind: 'words'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'queues' }

type Slot = Completion['kind']

/** `words` is what stands after `millrace`, up to the cursor; the last one is unfinished, and may be empty. */
export const complete = (program: CommandUnknownOpts, words: readonly string[]): Completion => {
  const current = words.at(-1) ?? ''
  let command = program
  let position = 0
  let open: CommandUnknownOpts['options'][number] | undefined
  let optionsEnded = false

  for (const word of words.slice(0, -1)) {
    if (open) {
      open = undefined
    } else if (!optionsEnded && word === '--') {
      optionsEnded = true
    } else if (!optionsEnded && word.startsWith('-')) {
      const option = findOption(command, word)
      open = option && (option.required || option.optional) && !word.includes('=') ? option : undefined
    } else {
      const child = position === 0 ? command.commands.find((each) => each.name() === word) : undefined
      if (child) command = child
      else position += 1
    }
  }

  if (open) return valuesOf(open.argChoices, placeholderOf(open.flags), current)
  if (!optionsEnded && current.startsWith('-')) return matching(optionsOf(command), current)
  if (command.commands.length > 0 && position === 0) return matching(childrenOf(command), current)
  const { registeredArguments } = command
  const last = registeredArguments.at(-1)
  const argument = registeredArguments[position] ?? (last?.variadic ? last : undefined)
  return argument ? valuesOf(argument.argChoices, argument.name(), current) : matching([], current)
}

const findOption = (command: CommandUnknownOpts, word: string) => {
  const [name] = word.split('=')
  return command.options.find((option) => option.long === name || option.short === name)
}

const placeholderOf = (flags: string): string => /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? ''

const valuesOf = (choices: readonly string[] | undefined, placeholder: string, current: string): Completion => {
  if (choices)
    return matching(
      choices.map((value) => ({ value, description: '' })),
      current,
    )
  if (placeholder === 'on|off')
    return matching(
      [
        { value: 'on', description: '' },
        { value: 'off', description: '' },
      ],
      current,
    )
  const kind: Slot = /file|dir/.test(placeholder) ? 'files' : /^queue/.test(placeholder) ? 'queues' : 'words'
  return kind === 'words' ? matching([], current) : { kind }
}

const optionsOf = (command: CommandUnknownOpts): Candidate[] => [
  ...command.options
    .filter((option) => !option.hidden)
    .map((option) => ({ value: option.long ?? option.flags, description: option.description })),
  { value: '--help', description: 'show help' },
]

const childrenOf = (command: CommandUnknownOpts): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ value: child.name(), description: child.summary() || child.description() }))

const matching = (candidates: readonly Candidate[], current: string): Completion => ({
  kind: 'words',
  candidates: candidates.filter(({ value }) => value.startsWith(current)),
})
