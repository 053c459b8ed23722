import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorCode, MillraceError } from '../client/index.ts'
import { exitCodes, Failure } from './exit.ts'
import { describe } from './report.ts'

test('each kind of failure has its exit code', () => {
  const cases: [code: string, status: number | null, exitCode: number][] = [
    ['QueueNotFound', 404, exitCodes.notFound],
    ['Unauthorized', 401, exitCodes.notAuthorised],
    ['Network', null, exitCodes.unreachable],
    ['QueueFull', 409, exitCodes.refused],
    ['StoreUnavailable', 503, exitCodes.unavailable],
    ['SettingInvalid', 400, exitCodes.usage],
  ]
  for (const [code, status, exitCode] of cases) {
    const error = new MillraceError(code as ErrorCode, 'No.', { status })
    assert.equal(describe(error).exitCode, exitCode, code)
  }
})

test('of a code that a newer server made up, the status says enough', () => {
  const exitCode = (status: number | null) =>
    describe(new MillraceError('New' as ErrorCode, 'No.', { status })).exitCode
  assert.deepEqual([401, 403, 404, 400, 409, 429, 503, 500, null].map(exitCode), [
    exitCodes.notAuthorised,
    exitCodes.notAuthorised,
    exitCodes.notFound,
    exitCodes.usage,
    exitCodes.refused,
    exitCodes.unavailable,
    exitCodes.unavailable,
    exitCodes.failure,
    exitCodes.failure,
  ])
})

test('what is told in JSON has the code, the sentence and what to do', () => {
  const refusal = new MillraceError('Forbidden', 'Not allowed.', { status: 403, requestId: 'r1' })
  assert.deepEqual(describe(refusal), {
    exitCode: exitCodes.notAuthorised,
    code: 'Forbidden',
    message: 'Not allowed.',
    hint: 'Give the token of a key that may do this in MILLRACE_TOKEN or --token.',
    requestId: 'r1',
  })
  const noGroups = new MillraceError('GroupsNotEnabled', 'No.', { status: 409 })
  assert.match(describe(noGroups).hint ?? '', /millrace queue create <name> --consumer-groups on/)
  assert.deepEqual(describe(new Failure(exitCodes.partial, 'Some.')), {
    exitCode: 7,
    code: 'partial',
    message: 'Some.',
  })
  const failed = Object.assign(new Error('EACCES: x'), { code: 'EACCES' })
  assert.deepEqual(describe(failed), { exitCode: 1, code: 'failure', message: 'EACCES: x' })
})

test('a defect is told with the place where it happened', () => {
  assert.match(
    describe(new TypeError('x is not a function')).message,
    /^A defect .*x is not a function\n +at .*report\.test/,
  )
})
