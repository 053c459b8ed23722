import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import type { MessageDetails } from '../../../client/index.ts'
import { addressOf } from '../../address.ts'
import { type Found, findMessage } from '../../data/details.ts'
import { useLive } from '../../data/live.tsx'
import { bytes, count, dateTime, span, utc } from '../../format.ts'
import { Link } from '../../link.tsx'
import { messageOf } from '../../ui/notices.tsx'
import { TypeLetter } from '../../ui/type-letter.tsx'
import { bodyText, shownText } from '../queue/messages/body-text.ts'
import { BodyPane } from '../queue/messages/preview.tsx'
import { TimeLine } from './time-line.tsx'

interface MessageViewProps {
  readonly account: string
  readonly id: string
  readonly only?: 'history' | undefined
}

/** All that is known of a message, wherever it is. */
export const MessageView = ({ account, id, only }: MessageViewProps) => {
  const { queues } = useLive()
  const accounts = useMemo(() => [...new Set([account, ...queues.map((queue) => queue.account)])], [account, queues])
  const owner = useRef<string>(undefined)
  const many = accounts.join('\n')
  const { data, error, isPending } = useQuery({
    queryKey: ['message', id, many],
    queryFn: ({ signal }) => findMessage(id, owner.current ? [owner.current] : accounts, signal),
    refetchInterval: 2000,
    placeholderData: (before) => before,
  })
  owner.current = data?.account
  if (error) {
    return (
      <p className="problem" role="alert">
        {messageOf(error)}
      </p>
    )
  }
  if (isPending) return <p className="empty">Looking…</p>
  if (!data) {
    return (
      <p className="empty">
        Nothing is known of a message with this id: there never was one, or it was sent more than seven days ago.
      </p>
    )
  }
  if (only === 'history') return <TimeLine details={data.details} />
  return <Everything found={data} />
}

const Everything = ({ found: { account, details, body } }: { found: Found }) => {
  const [first] = details.deliveries
  const incoming = useMemo(() => body && bodyText(body, first?.contentType ?? null), [body, first?.contentType])
  const outbound = details.deliveries.find((delivery) => delivery.outbound !== undefined)?.outbound
  return (
    <div className="message-view">
      <section className="panel" aria-label="Facts">
        <dl className="facts">
          <Fact name="Queue">
            <span className="muted">{account} / </span>
            <Link href={addressOf(['queues', account, details.queue])}>{details.queue}</Link>
          </Fact>
          <Fact name="Queued">
            <Time at={details.sentAt} />
          </Fact>
          {first && (
            <>
              <Fact name="DB Key">{count(first.position)}</Fact>
              <Fact name="Content type">{first.contentType ?? 'none'}</Fact>
              <Fact name="Size">{bytes(first.sizeBytes)}</Fact>
              {first.priority !== undefined && first.priority !== 0 && <Fact name="Priority">{first.priority}</Fact>}
              {first.messageGroup && <Fact name="Message group">{first.messageGroup}</Fact>}
              {first.deduplicationId && <Fact name="Deduplication id">{first.deduplicationId}</Fact>}
              {first.clientId && <Fact name="Client id">{first.clientId}</Fact>}
              {first.expiresAt !== undefined && (
                <Fact name="Expires">
                  <Time at={first.expiresAt} />
                </Fact>
              )}
              {first.deadLetterSource && (
                <Fact name="Dead letter of">
                  {first.deadLetterSource.queue}: {first.deadLetterSource.reason}
                </Fact>
              )}
            </>
          )}
          {details.delayMs > 0 && <Fact name="Delayed by its sender">{span(details.delayMs)}</Fact>}
          {details.ended && (
            <Fact name="Ended">
              {details.ended.outcome}, <Time at={details.ended.at} />
            </Fact>
          )}
        </dl>
      </section>
      {details.deliveries.length > 0 && <Deliveries deliveries={details.deliveries} />}
      {first?.attributes !== undefined && Object.keys(first.attributes).length > 0 && (
        <section className="panel" aria-labelledby="attributes">
          <div className="title">
            <h2 id="attributes">Attributes</h2>
          </div>
          <dl className="facts">
            {Object.entries(first.attributes).map(([name, value]) => (
              <Fact key={name} name={name}>
                <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
              </Fact>
            ))}
          </dl>
        </section>
      )}
      <div className="panes">
        <BodyPane
          title="In"
          body={incoming}
          note={incoming ? (first?.contentType ?? '') : 'It is gone with the message'}
        />
        <BodyPane
          title="Out"
          body={outbound === undefined ? undefined : shownText(outbound, null)}
          note={outbound === undefined ? 'Its worker has given nothing' : ''}
        />
      </div>
      <section className="panel" aria-labelledby="history">
        <div className="title">
          <h2 id="history">History</h2>
        </div>
        <TimeLine details={details} />
      </section>
    </div>
  )
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const Time = ({ at }: { at: number }) => <time title={utc(at)}>{dateTime(at)}</time>

const Deliveries = ({ deliveries }: { deliveries: MessageDetails['deliveries'] }) => (
  <section className="panel" aria-labelledby="deliveries">
    <div className="title">
      <h2 id="deliveries">Deliveries</h2>
    </div>
    <div className="scroll" tabIndex={0} role="group" aria-label="Table of deliveries">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">Type</th>
            <th scope="col">State</th>
            <th scope="col">Until</th>
            <th scope="col">Attempts</th>
            <th scope="col">#Reprocess</th>
            <th scope="col">Modified</th>
            <th scope="col">Worker</th>
            <th scope="col">Last event</th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <tr key={`${delivery.group} ${delivery.deadLetters}`}>
              <th scope="row">
                {delivery.group} {delivery.deadLetters && <span className="tag bad">Dead letters</span>}
              </th>
              <td>
                <TypeLetter type={delivery.type} />
              </td>
              <td>{delivery.state}</td>
              <td>{delivery.visibleAt !== undefined && <Time at={delivery.visibleAt} />}</td>
              <td>{delivery.receiveCount}</td>
              <td>{delivery.reprocessCount}</td>
              <td>
                <Time at={delivery.modifiedAt} />
              </td>
              <td>{delivery.holder}</td>
              <td>{delivery.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
)
