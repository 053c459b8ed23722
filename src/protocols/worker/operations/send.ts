import { requireScope } from '../access.ts'
import { badRequest } from '../errors.ts'
import { operation } from '../operation.ts'
import { SendBody } from '../schemas.ts'

export const send = operation({
  path: '/queues/:queue/messages',
  body: SendBody,
  async run({ engine, principal, account, path: { queue = '' }, body: { body, contentType, metadata } }) {
    requireScope(principal, 'send', queue)
    const [sent] = await engine.send({
      account,
      queue,
      messages: [
        {
          body: bytesOf(body),
          contentType: contentType ?? 'application/octet-stream',
          ...(metadata === undefined ? {} : { attributes: JSON.stringify(metadata) }),
        },
      ],
    })
    if (!sent) throw new Error('a message was sent, but not answered')
    return { status: 201, content: { id: sent.id, dbKey: sent.position } }
  },
})

const bytesOf = (base64: string): Uint8Array => {
  const isBase64 = base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)
  if (!isBase64) throw badRequest("'body' must be base64.")
  return Buffer.from(base64, 'base64')
}
