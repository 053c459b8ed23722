const youngGeneration = '--max-semi-space-size'
const arenas = 'MALLOC_ARENA_MAX'

/**
 * Puts a Node.js that uses less memory in the place of this process, which only its command line and its environment can
 * ask for: see decision 7. What somebody has chosen stays.
 */
export const runAsServer = (): void => {
  const { argv, env, execArgv, execPath } = process
  const isChosen = [...execArgv, env.NODE_OPTIONS ?? ''].some((options) => options.includes(youngGeneration))
  if (isChosen && env[arenas] !== undefined) return
  // Not on Windows; and a parent that talks to this process would not find it again.
  if (process.platform === 'win32' || process.connected || !process.execve) return
  const options = isChosen ? execArgv : [`${youngGeneration}=8`, ...execArgv]
  process.execve(execPath, [execPath, ...options, ...argv.slice(1)], { [arenas]: '2', ...env })
}
