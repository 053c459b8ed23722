import type { PushTarget } from '../../../core/push-target.ts'
import type { ReceivedMessage } from '../../../core/requests.ts'
import { utf8AsLatin1 } from '../../http/latin1.ts'
import { bodyText, ttlOf } from '../messages/show.ts'

/** The name under which a push target asks for this. */
export const notificationForm = 'cloud-queues-notification'

/** How a message is told to a subscriber: as it was posted, with what it is and where it comes from. */
export const notification = {
  request(received: ReceivedMessage, { formOptions, headers }: Pick<PushTarget, 'formOptions' | 'headers'>) {
    const text = fill(formOptions.template, describe(received))
    const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
    return { body: Buffer.from(text, 'latin1'), headers: hasType ? {} : { 'content-type': 'application/json' } }
  },
  /** A subscriber that answers at all has been told, unless it says that it failed itself. */
  accepts: (status: number): boolean => status >= 200 && status < 500,
}

const describe = ({ message, expiresAt, queue }: ReceivedMessage): string =>
  `{"body":${bodyText(message)},"ttl":${ttlOf(message, expiresAt)},"queue_name":${utf8AsLatin1(JSON.stringify(queue))},"Message_Type":"Notification"}`

/** For the room that calls services: it knows no door, and a door not it. */
export const notificationForms = { [notificationForm]: notification }

/** In the subscriber's own document, where it has one. */
const fill = (template: unknown, message: string): string => {
  if (template === undefined) return message
  const text = utf8AsLatin1(typeof template === 'string' ? template : JSON.stringify(template))
  return text.split('"$zaqar_message$"').join(message)
}
