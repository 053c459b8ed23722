import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectIdOf } from './project-id.ts'

test('an account is the project that its name says, or one made of it that stays', () => {
  assert.equal(projectIdOf('0123456789ABCDEF0123456789abcdef'), '0123456789abcdef0123456789abcdef')
  assert.equal(projectIdOf('6f1c0d0e-3a53-4d8e-9a41-0d6f0a6f4a11'), '6f1c0d0e3a534d8e9a410d6f0a6f4a11')
  assert.equal(projectIdOf('default'), '6f4d3947d1c54450346d0fdeb213bf17')
  assert.notEqual(projectIdOf('Default'), projectIdOf('default'))
})
