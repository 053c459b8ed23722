import { isRefusal, type Refusal } from '../../../core/errors.ts'
import { cannotDelete, noContent } from '../answer.ts'
import { allVersions, type Call, type Operation } from '../operation.ts'

export const deleteMessage: Operation = {
  name: 'delete_message',
  summary: 'Deletes one message; a claimed one only with the id of its claim.',
  method: 'DELETE',
  path: '/queues/:queue/messages/:message',
  versions: allVersions,
  access: ['receive'],
  async run(call) {
    const { engine, account, queue, place, query } = call
    const { message = '' } = place
    const claim = query.text('claim_id')
    const [result] = await engine.deleteMessages({
      account,
      queue,
      ids: [message],
      leased: 'refuse',
      ...(claim !== undefined && { claim }),
    })
    if (result && !result.ok) throw await refusalOf(call, result.refusal, claim)
    return noContent()
  },
}

const refusalOf = async (call: Call, refusal: Refusal, claim: string | undefined): Promise<Error> => {
  if (isRefusal(refusal, 'MessageNotClaimed')) {
    return cannotDelete(400, 'A claim was specified, but the message is not currently claimed.')
  }
  if (!isRefusal(refusal, 'MessageLeased')) return refusal
  if (claim !== undefined && !(await isClaim(call, claim))) {
    return cannotDelete(400, 'The specified claim does not exist or has expired.')
  }
  return cannotDelete(403, 'This message is claimed; it cannot be deleted without a valid claim ID.')
}

const isClaim = async ({ engine, account, queue }: Call, claim: string): Promise<boolean> => {
  try {
    await engine.getClaim({ account, queue, claim })
    return true
  } catch (error) {
    if (isRefusal(error, 'ClaimNotFound')) return false
    throw error
  }
}
