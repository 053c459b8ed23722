import { apiPath, headers, maxBatch, problemContentType } from '../schemas/index.ts'
import { type Block, heading, paragraph } from './blocks.ts'

/** What holds for every operation. */
export const introduction: readonly Block[] = [
  paragraph(
    `REST and JSON under \`${apiPath}\`. The same in OpenAPI 3.1: \`GET ${apiPath}/openapi.json\`. Times are milliseconds ` +
      'since 1970-01-01T00:00:00Z and end in `At` or `Until`; spans are milliseconds and end in `Ms`. Members with nothing ' +
      'to say are left out of messages. Unknown members and parameters are errors.',
  ),
  {
    kind: 'code',
    language: 'sh',
    text: [
      `curl -H 'content-type: application/json' -d '{"order":7}' http://127.0.0.1:8080${apiPath}/queues/orders/messages`,
      `curl -X POST http://127.0.0.1:8080${apiPath}/queues/orders/receive`,
      `curl -X DELETE http://127.0.0.1:8080${apiPath}/queues/orders/receipts/RECEIPT_HANDLE`,
    ].join('\n'),
  },
  heading(2, 'Credentials', 'credentials'),
  paragraph(
    'Send `Authorization: Bearer TOKEN` with the token of an access key. A key has scopes (`send`, `receive`, `manage`, ' +
      '`admin`), each for the queues that a pattern names. A server that listens on loopback only and has no account is open: ' +
      `it needs no credentials, and the header \`${headers.account}\` picks the account (\`default\` if there is none). On ` +
      'other servers that header needs the scope `admin`, unless it names the key’s own account.',
  ),
  heading(2, 'Bodies of messages', 'bodies'),
  paragraph(
    'A body is bytes with a content type, kept as they came. In JSON answers it stands as `body` if its content type is ' +
      'JSON (the very text that was sent, with long numbers and the order of names), as `text` if it is text in UTF-8 or has ' +
      `no content type, else as \`base64\`. A batch takes the same three, up to ${maxBatch.toLocaleString('en-US')} messages.`,
  ),
  heading(2, 'Errors', 'errors'),
  paragraph(
    `Errors are problem details (RFC 9457) in \`${problemContentType}\`: \`type\`, \`title\`, \`status\`, \`detail\` (what to do ` +
      'about it), `code` (for programs: see [Problems](#problems)), `data` (the particulars of the code) and `requestId`. ' +
      `Every answer has the header \`${headers.requestId}\`: the request’s own if it sent one, or a new one. With status 429 ` +
      'and 503 the header `Retry-After` says when to try again.',
  ),
  heading(2, 'Repeating requests', 'repeating'),
  paragraph(
    `A send with the header \`${headers.idempotencyKey}\` can be repeated for 24 hours without being stored twice. Settling, ` +
      'deleting, creating and purging can be repeated as they are. A receive whose answer got lost hides its messages until ' +
      'the lease ends.',
  ),
]
