/** What this API says no with: the code of each problem, the status that goes with it, and its text where there is nothing better to say. */
const problems = {
  10240004: [400, 'The tag name is invalid.'],
  10240005: [400, 'The project ID is incorrect: it has 32 hexadecimal characters.'],
  10240007: [400, 'The name contains invalid characters: it may have letters, digits, hyphens and underscores.'],
  10240009: [400, 'The request body is not JSON, or has a field of the wrong form.'],
  10240010: [400, 'The description contains invalid characters: it may not have < or >.'],
  10240011: [400, 'The queue name must have 1 to 64 characters.'],
  10240012: [400, 'The consumer group name must have 1 to 32 characters.'],
  10240013: [400, 'The description must have at most 160 characters.'],
  10240014: [400, 'max_msgs must be an integer from 1 to 10.'],
  10240015: [400, 'The queue ID is incorrect: it is a UUID.'],
  10240016: [400, 'The consumer group ID is incorrect: it is g- and a UUID.'],
  10240017: [400, 'The queue name exists already.'],
  10240018: [400, 'The consumer group name exists already.'],
  10240019: [400, 'The queue would have too many consumer groups.'],
  10240020: [400, 'The quota of queues is exhausted.'],
  10240021: [400, 'time_wait must be an integer from 1 to 60.'],
  10240022: [400, 'max_consume_count must be an integer from 1 to 100.'],
  10240027: [400, 'retention_hours must be an integer from 1 to 72.'],
  10240028: [400, 'retention_hours is for Kafka queues only.'],
  10240035: [400, 'The key of a queue tag must have 1 to 36 characters.'],
  10240036: [400, 'The key of a queue tag contains invalid characters.'],
  10240038: [400, 'The value of a queue tag must have at most 43 characters.'],
  10240039: [400, 'The value of a queue tag contains invalid characters.'],
  10240040: [400, 'action must be create or delete.'],
  10240041: [400, 'action must be filter or count.'],
  10240042: [400, 'limit must be a whole number from 1 to 1000.'],
  10240043: [400, 'offset must be a whole number from 0.'],
  10240044: [400, 'There may be at most 10 tags.'],
  10240045: [400, 'A tag key stands there twice.'],
  10240101: [401, 'The token or signature is invalid.'],
  10240102: [401, 'The token has expired.'],
  10240103: [401, 'The token is missing.'],
  10240104: [401, 'The project ID does not match that of the token or key.'],
  10240307: [403, 'The key may not do this.'],
  10240401: [404, 'The queue ID is incorrect or not found.'],
  10240405: [404, 'The consumer group ID is incorrect or not found.'],
  10240406: [404, 'The URL is incorrect or not found.'],
  10240407: [404, 'Too many requests at once; try again later.'],
  10240426: [404, 'The queue has no tag with this key.'],
  10250002: [500, 'Internal service error; try again later.'],
  10540001: [400, 'The request body contains invalid fields.'],
  10540003: [400, 'The message ack status is invalid.'],
  10540004: [400, 'The handler does not belong to this queue or consumer group.'],
  10540010: [400, 'Invalid request format.'],
  10540011: [400, 'The message is too large.'],
  10540012: [400, 'The request body is not JSON.'],
  10540014: [400, 'The URL contains invalid parameters.'],
  10542204: [400, 'The messages cannot be consumed.'],
  10542205: [
    400,
    'The handler is not one for this kind of acknowledgement: normal messages and dead letters have calls of their own.',
  ],
  10542206: [400, 'ack_wait must be an integer from 15 to 300.'],
  10542209: [400, 'The handler does not exist, or not any more.'],
  10550035: [400, 'tag_type must be or, or and.'],
} as const satisfies Record<number, readonly [status: number, text: string]>

export type Code = keyof typeof problems

/** A refusal in this API's own words. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: Code
  readonly status: number

  constructor(code: Code, text: string = problems[code][1], status: number = problems[code][0]) {
    super(text)
    this.code = code
    this.status = status
  }
}
