import { isDeepStrictEqual } from 'node:util'
import type { QueueSettings } from '../../../core/queue.ts'
import { badValue, noContent, okJson, refused, wrongDocument } from '../answer.ts'
import { checkJson, type Fields, isFields, readArray, readObject } from '../documents.ts'
import { contentLocation, queueLink } from '../links.ts'
import { parseExactly } from '../metadata/exact-json.ts'
import {
  metadataOf,
  metadataOfNone,
  settingsForExisting,
  settingsForNew,
  settingsForOwn,
} from '../metadata/metadata.ts'
import { patched, patchType } from '../metadata/patch.ts'
import { keptWith } from '../metadata/reserved.ts'
import { allVersions, type Call, laterVersions, type Operation } from '../operation.ts'
import { findQueue, requireQueue } from './find-queue.ts'
import { retargetSubscriptions } from './subscriptions.ts'

const path = '/queues/:queue'
const anyScope = ['send', 'receive', 'manage'] as const

export const putQueue: Operation = {
  name: 'put_queue',
  summary: 'Makes a queue; one that is there stays as it is.',
  method: 'PUT',
  path,
  versions: allVersions,
  access: ['manage'],
  readsBody: true,
  async run(call) {
    const { engine, account, queue, version, settings, body } = call
    const metadata = version === 'v1' || body.length === 0 ? {} : readMetadata(call)
    const patch = settingsForNew(metadata, settings)
    const { created, queue: made } = await engine.createQueue({ account, queue, settings: patch })
    await makeDeadLetterQueue(call, made.settings)
    call.queueDefaults.forget(account, queue)
    const headers = ['location', queueLink(call, queue)]
    return created ? { status: 201, headers } : noContent(headers)
  },
}

export const deleteQueue: Operation = {
  name: 'delete_queue',
  summary: 'Deletes a queue with its messages and claims.',
  method: 'DELETE',
  path,
  versions: allVersions,
  access: ['manage'],
  async run({ engine, account, queue, queueDefaults }) {
    await engine.deleteQueue({ account, queue })
    queueDefaults.forget(account, queue)
    return noContent()
  },
}

const exists = (method: 'GET' | 'HEAD', name: string): Operation => ({
  name,
  summary: 'Says whether there is such a queue.',
  method,
  path,
  versions: ['v1'],
  access: anyScope,
  async run(call) {
    const headers = contentLocation(call, false)
    return (await findQueue(call)) ? noContent(headers) : { status: 404, headers }
  },
})

export const getQueueV1 = exists('GET', 'queue_exists')
export const headQueueV1 = exists('HEAD', 'head_queue')

export const getQueue: Operation = {
  name: 'queue',
  summary: 'The metadata of a queue; of one that is not there, what it would have.',
  method: 'GET',
  path,
  versions: laterVersions,
  access: anyScope,
  async run(call) {
    const { version, settings } = call
    const view = await findQueue(call)
    const isV2 = version === 'v2'
    if (!view) return okJson(isV2 ? metadataOfNone(settings) : {})
    return okJson(metadataOf(view.settings, settings, isV2))
  },
}

export const patchQueue: Operation = {
  name: 'patch_queue',
  summary: 'Changes the metadata of a queue key by key.',
  method: 'PATCH',
  path,
  versions: ['v2'],
  access: ['manage'],
  readsBody: true,
  async run(call) {
    const { engine, account, queue, settings, request, body } = call
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
    if (type !== patchType) throw refused(415, `Accepted media type for PATCH: ${patchType}.`)
    const changes = readExactly(call, readArray(body))
    let policyBefore: unknown
    const now = await engine.updateQueue({
      account,
      queue,
      settings(current) {
        policyBefore = retryPolicyOf(current)
        const metadata = patched(metadataOf(current, settings, false), changes)
        checkSize(Buffer.byteLength(JSON.stringify(metadata)), call)
        return settingsForExisting(current, metadata, settings)
      },
    })
    await makeDeadLetterQueue(call, now.settings)
    if (!isDeepStrictEqual(policyBefore, retryPolicyOf(now.settings))) await retargetSubscriptions(call, now)
    call.queueDefaults.forget(account, queue)
    return okJson(metadataOf(now.settings, settings, true))
  },
}

export const getMetadata: Operation = {
  name: 'queue_metadata',
  summary: 'The metadata of a queue.',
  method: 'GET',
  path: `${path}/metadata`,
  versions: ['v1'],
  access: anyScope,
  async run(call) {
    const { settings } = await requireQueue(call)
    return okJson(metadataOf(settings, call.settings, false), contentLocation(call, false))
  },
}

export const putMetadata: Operation = {
  name: 'put_queue_metadata',
  summary: 'Replaces the metadata of a queue.',
  method: 'PUT',
  path: `${path}/metadata`,
  versions: ['v1'],
  access: ['manage'],
  readsBody: true,
  async run(call) {
    const { engine, account, queue } = call
    const metadata = readMetadata(call)
    const underscored = Object.keys(metadata).find((key) => key.startsWith('_'))
    if (underscored !== undefined) throw badValue('Names of queue metadata must not begin with an underscore.')
    await engine.updateQueue({ account, queue, settings: (current) => settingsForOwn(current, metadata) })
    return noContent(['location', `${queueLink(call, queue)}/metadata`])
  },
}

const retryPolicyOf = (settings: QueueSettings): unknown => keptWith(settings).reserved?._retry_policy

const checkSize = (bytes: number, { settings: { maxMetadataBytes } }: Call): void => {
  if (bytes > maxMetadataBytes) throw badValue(`Queue metadata is too large. Max size: ${maxMetadataBytes}`)
}

const readMetadata = (call: Call): Fields => {
  const { body } = call
  checkSize(body.length, call)
  const metadata = readExactly(call, readObject(body))
  if (!isFields(metadata)) throw wrongDocument()
  return metadata
}

/** The body again, once it has been seen to be good, with its numbers to the letter. */
const readExactly = <Document>({ body }: Call, _checked: Document): Document => {
  checkJson(body)
  return parseExactly(body.toString('utf8')) as Document
}

/**
 * Dead letters have to have a place, or they would be handed out for ever. Whoever asks again after an answer that was lost gets it made, too.
 */
const makeDeadLetterQueue = async (call: Call, { deadLetterQueue }: QueueSettings): Promise<void> => {
  if (deadLetterQueue === null) return
  const { engine, account, settings } = call
  await engine.createQueue({ account, queue: deadLetterQueue, settings: settingsForNew({}, settings) })
}
