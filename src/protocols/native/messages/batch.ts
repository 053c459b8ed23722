import type { NewMessage } from '../../../core/message.ts'
import { isJsonType } from '../../http/body-form.ts'
import { checkerOf } from '../../http/checker.ts'
import { jsonErrorAt } from '../../http/json/scan.ts'
import { JsonSyntaxError, type SlicedBatch, type SlicedMessage, sliceBatch } from '../../http/json/slice-batch.ts'
import { explain, type Fault, plainSchema } from '../explain.ts'
import { checkContentType, checkUtf8, malformedJson } from '../json-body.ts'
import { invalid } from '../problem-error.ts'
import { maxBatch, OutgoingMessage } from '../schemas/index.ts'

type Common = Pick<NewMessage, 'senderId' | 'traceparent'>
type Options = Omit<OutgoingMessage, 'body' | 'attributes'>

const optionsCheck = checkerOf(OutgoingMessage)

/** The messages of a batch, whose bodies and attributes keep the text that they were sent as. */
export const batchMessages = (bytes: Buffer, contentType: string | undefined, common: Common): NewMessage[] => {
  checkContentType(contentType)
  checkUtf8(bytes)
  const sliced = messagesOf(slice(bytes))
  const faults: Fault[] = []
  const messages: NewMessage[] = []
  for (let index = 0; index < sliced.length; index++) {
    const message = sliced[index]
    if (message) messages.push(toMessage(message, `/messages/${index}`, common, faults))
    else faults.push({ path: `/messages/${index}`, message: 'must be an object' })
  }
  if (faults.length > 0) throw invalid(faults.map((fault) => ({ in: 'body', ...fault })))
  return messages
}

const slice = (bytes: Buffer): SlicedBatch | null => {
  try {
    return sliceBatch(bytes)
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw malformedJson(bytes, error.at)
    throw error
  }
}

const messagesOf = (batch: SlicedBatch | null): readonly (SlicedMessage | null)[] => {
  const fault = (path: string, message: string) => invalid([{ in: 'body', path, message }])
  if (!batch) throw fault('', 'must be an object')
  const { messages, unknown } = batch
  if (unknown[0] !== undefined) throw fault(`/${unknown[0]}`, 'is not known')
  if (messages === undefined) throw fault('/messages', 'is missing')
  if (messages === null) throw fault('/messages', 'must be an array')
  if (messages.length === 0) throw fault('/messages', 'must have at least 1 entry')
  if (messages.length > maxBatch) {
    throw fault('/messages', `must have at most ${maxBatch} entries, not ${messages.length}`)
  }
  return messages
}

const jsonType = 'application/json'
const noBody = Buffer.alloc(0)

const toMessage = (sliced: SlicedMessage, path: string, common: Common, faults: Fault[]): NewMessage => {
  const { body, attributes = null, options } = sliced
  if (attributes !== null && !attributes.startsWith('{')) {
    faults.push({ path: `${path}/attributes`, message: 'must be an object' })
  }
  // Nearly every message.
  if (!options && body) return { body, contentType: jsonType, attributes, ...common }

  const checked = checkedOptions(options ?? {}, path, faults)
  if (!checked) return { body: noBody }
  const { text, base64, contentType, ...rest } = checked
  const given = [body, text, base64].filter((form) => form !== undefined).length
  if (given !== 1) {
    const message = `must have exactly one of body, text and base64, not ${given === 0 ? 'none' : given} of them`
    faults.push({ path, message })
    return { body: noBody }
  }
  const message = { attributes, ...common, ...rest }
  if (body) {
    if (contentType !== undefined && !isJsonType(contentType)) {
      faults.push({ path: `${path}/contentType`, message: 'must be a JSON type with body; with text it can be any' })
    }
    return { ...message, body, contentType: contentType ?? jsonType }
  }
  if (text !== undefined) {
    const bytes = Buffer.from(text)
    checkJsonBody(bytes, contentType, `${path}/text`, faults)
    return { ...message, body: bytes, contentType: contentType ?? 'text/plain; charset=utf-8' }
  }
  const bytes = fromBase64(base64 ?? '', `${path}/base64`, faults)
  checkJsonBody(bytes, contentType, `${path}/base64`, faults)
  return { ...message, body: bytes, contentType: contentType ?? 'application/octet-stream' }
}

/** Undefined when they do not fit, which the faults then say. */
const checkedOptions = (options: Record<string, unknown>, path: string, faults: Fault[]): Options | undefined => {
  if (!optionsCheck().Check(options)) {
    faults.push(...explain(plainSchema(OutgoingMessage), options, path))
    return undefined
  }
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'string' && !value.isWellFormed()) {
      faults.push({ path: `${path}/${name}`, message: 'holds half of a surrogate pair, which is not text' })
      return undefined
    }
  }
  return options
}

/** A stored message whose content type is JSON always is JSON. */
const checkJsonBody = (bytes: Buffer, contentType: string | undefined, path: string, faults: Fault[]): void => {
  if (contentType === undefined || !isJsonType(contentType)) return
  if (jsonErrorAt(bytes) !== -1) faults.push({ path, message: `must be JSON, as its contentType says` })
}

const fromBase64 = (text: string, path: string, faults: Fault[]): Buffer => {
  const bytes = Buffer.from(text, 'base64')
  if (text.length % 4 !== 0 || !base64Form.test(text)) faults.push({ path, message: 'must be base64, with padding' })
  return bytes
}

const base64Form = /^[A-Za-z0-9+/]*={0,2}$/
