import { closeSignal } from '../../http/connection.ts'
import { utf8AsLatin1 } from '../../http/latin1.ts'
import { BackupRefused } from '../admin-api.ts'
import type { Answer } from '../answer.ts'
import { jsonAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { ProblemError } from '../problem-error.ts'
import * as S from '../schemas/index.ts'

const server = { to: 'server', scopes: ['admin'] } as const
const anyone = { to: 'anyone', scopes: [] } as const

export const getInfo = operation({
  method: 'GET',
  path: '/admin/info',
  summary: 'Facts about the server',
  access: server,
  answers: { 200: { description: 'Its version, its store, and how long it has run.', schema: S.ServerInfo } },
  problems: [],
  async run({ admin }) {
    return jsonAnswer(200, await admin.info())
  },
})

export const backup = operation({
  method: 'POST',
  path: '/admin/backup',
  summary: 'Back up the store',
  description:
    'Writes a consistent copy to a new file on the server’s machine while work goes on. The answer has one line of JSON for ' +
    'each step; the backup is complete only when the last line says so.',
  access: server,
  body: { kind: 'json', schema: S.BackupRequest },
  answers: {
    200: { description: 'Progress, line by line.', schema: S.BackupProgress, contentType: 'application/x-ndjson' },
  },
  problems: ['BackupRefused', 'NotSupported'],
  run({ admin, body: { file }, request }): Answer {
    const write = admin.backup
    if (!write) throw new ProblemError('NotSupported', 'The store of this server has a backup of its own: use that.')
    const signal = closeSignal(request.socket)
    return {
      status: 200,
      contentType: 'application/x-ndjson',
      async stream(writeLine) {
        let begun = false
        const line = (progress: S.BackupProgress) => {
          begun = true
          void writeLine(JSON.stringify(progress))
        }
        const progress = (done: number, total: number) => line({ state: 'running', done, total })
        try {
          const { sizeBytes } = await write(file, { progress, signal })
          line({ state: 'completed', file, sizeBytes })
        } catch (error) {
          const refused = error instanceof BackupRefused
          if (!begun) throw refused ? new ProblemError('BackupRefused', error.message) : error
          const detail = error instanceof Error ? error.message : String(error)
          line({ state: 'failed', code: refused ? 'BackupRefused' : 'Internal', detail })
        }
      },
    }
  },
})

export const getOpenApi = operation({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This API in OpenAPI 3.1',
  access: anyone,
  answers: { 200: { description: 'The description, made of the same schemas that check requests.' } },
  problems: [],
  run: ({ documents }) => ({
    status: 200,
    contentType: 'application/json',
    content: utf8AsLatin1(documents.openApi()),
  }),
})

export const getReference = operation({
  method: 'GET',
  path: '/reference',
  summary: 'This API as a page to read',
  access: anyone,
  answers: { 200: { description: 'One page, with examples.', contentType: 'text/html' } },
  problems: [],
  run: ({ documents }) => ({
    status: 200,
    contentType: 'text/html; charset=utf-8',
    content: utf8AsLatin1(documents.referencePage()),
    headers: ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"],
  }),
})
