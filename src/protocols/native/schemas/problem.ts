import { type Static, Type } from 'typebox'
import type { RefusalCode } from '../../../core/errors.ts'

/** Ways in which this API says no before core is asked. */
export type DoorCode =
  /** The request's path, query, headers or body do not fit the schema; `data.errors` names each place. */
  | 'InvalidRequest'
  /** The body is not JSON. */
  | 'MalformedJson'
  /** What came in is not HTTP as it should be. */
  | 'MalformedRequest'
  | 'PayloadTooLarge'
  | 'HeadersTooLarge'
  | 'UnsupportedContentType'
  | 'RequestTimeout'
  /** No credentials, or none that are valid. */
  | 'Unauthorized'
  /** The key lacks the scope that `data` names. */
  | 'Forbidden'
  | 'PathNotFound'
  | 'MethodNotAllowed'
  | 'AccountNotFound'
  | 'AccountNotEmpty'
  /** It stands in the configuration file, and only there can it be changed or removed. */
  | 'Configured'
  | 'KeyNotFound'
  /** A file that is there already, or a path that cannot be written. */
  | 'BackupRefused'
  /** This server or its store cannot do that. */
  | 'NotSupported'
  /** Not your fault: a defect of the server. */
  | 'Internal'

export type ProblemCode = RefusalCode | DoorCode

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A reference that names the kind of problem: see the reference page.' }),
    title: Type.String({ description: 'The kind of problem, in words.' }),
    status: Type.Integer({ description: 'The status code of the answer.' }),
    detail: Type.String({ description: 'What is wrong with this request, and what to do about it.' }),
    code: Type.Unsafe<ProblemCode>(Type.String({ description: 'The kind of problem, for programs.' })),
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'The particulars of the code.' }),
    requestId: Type.String({ description: 'As in the header X-Request-Id, and in the server’s log.' }),
  },
  {
    title: 'Problem',
    description: 'An error, as RFC 9457 has it.',
    examples: [
      {
        type: '/api/v1/reference#QueueNotFound',
        title: 'Queue not found',
        status: 404,
        detail: "There is no queue named 'orders'.",
        code: 'QueueNotFound',
        data: { queue: 'orders' },
        requestId: 'b1946ac9-1',
      },
    ],
  },
)
export type Problem = Static<typeof Problem>

/** One place of a request that does not fit, in the `errors` of the problem `InvalidRequest`. */
export interface InvalidPlace {
  /** Which part of the request. */
  readonly in: 'path' | 'query' | 'header' | 'body'
  /** A JSON pointer into it. */
  readonly path: string
  readonly message: string
}
