import { readFile } from 'node:fs/promises'
import { Argument, Command } from '@commander-js/extra-typings'
import { withExamples } from '../command.ts'
import { lineWriter } from '../output/lines.ts'

export const completion = () =>
  withExamples(
    new Command('completion')
      .description(
        'Print a script for a shell. It has the shell ask millrace what can come next, names of queues included.',
      )
      .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish'])),
    [
      ['source <(millrace completion bash)', 'Complete commands in this bash; put it into ~/.bashrc to keep it'],
      ['millrace completion zsh > ~/.zfunc/_millrace', 'Complete commands in zsh, where ~/.zfunc is in fpath'],
      ['millrace completion fish > ~/.config/fish/completions/millrace.fish', 'Complete commands in fish'],
    ],
  ).action(async (shell) => {
    const script = await readFile(new URL(`../completion/millrace.${shell}`, import.meta.url), 'utf8')
    await lineWriter(process.stdout).write(script.trimEnd())
  })
