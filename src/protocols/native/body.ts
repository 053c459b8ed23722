import type { IncomingMessage } from 'node:http'
import { readBody as read } from '../http/read-body.ts'
import { ProblemError } from './problem-error.ts'

export const readBody = (request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  read(request, maxBytes, tooLarge)

const tooLarge = (limitBytes: number): ProblemError =>
  new ProblemError('PayloadTooLarge', `The request's body has more than ${limitBytes} bytes, the limit.`, {
    limitBytes,
  })
