// Programs in Python that use the clients of OpenStack, where they are installed; scripts/openstack-clients.sh does that.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

/** Debian's, which sees Debian's packages, before whatever else is called so. */
const python = ['/usr/bin/python3', 'python3'].find((command) => has(command))

function has(command: string): boolean {
  return spawnSync(command, ['-c', 'import openstack, zaqarclient'], { stdio: 'ignore' }).status === 0
}

/** Why they cannot be used here, or false. */
export const noPython = python
  ? false
  : 'python3-zaqarclient and python3-openstacksdk are not installed: see scripts/openstack-clients.sh'

/** Resolves when the program has ended well. */
export const runPython = async (program: string, ...args: string[]): Promise<void> => {
  const file = resolve(import.meta.dirname, 'clients', program)
  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', PYTHONWARNINGS: 'ignore', no_proxy: '*' }
  const said = await new Promise<string>((done) => {
    execFile(python ?? '', [file, ...args], { env }, (error, stdout, stderr) =>
      done(error ? `${error.message}\n${stdout}\n${stderr}` : ''),
    )
  })
  assert.equal(said, '', said)
}
