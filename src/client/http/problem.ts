import type { Problem } from '../../protocols/native/schemas/problem.ts'
import { type ErrorCode, MillraceError } from '../error.ts'
import type { TransportAnswer } from './transport.ts'

/** The error that an answer stands for. */
export const problemOf = (status: number, text: string, answer: Pick<TransportAnswer, 'header'>): MillraceError => {
  const retryAfterMs = retryAfterOf(answer.header('retry-after'))
  const problem = parse(text)
  const requestId = problem?.requestId ?? answer.header('x-request-id')
  if (problem?.code === undefined) {
    const message = `The answer, with status ${status}, does not come from Millrace: ${text.slice(0, 200)}`
    return new MillraceError('InvalidAnswer', message, { status, requestId, retryAfterMs })
  }
  const { code, detail, data } = problem
  return new MillraceError(code as ErrorCode, detail ?? code, { status, requestId, retryAfterMs, data: data ?? {} })
}

const parse = (text: string): Partial<Problem> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Partial<Problem>) : undefined
  } catch {
    return undefined
  }
}

/** Seconds, or a date. */
const retryAfterOf = (value: string | null): number | null => {
  if (value === null) return null
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}
