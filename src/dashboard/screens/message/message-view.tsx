import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import type { MessageDetails } from '../../../client/index.ts'
import { addressOf } from '../../address.ts'
import { type Found, findMessage } from '../../data/details.ts'
import { useLive } from '../../data/live.tsx'
import { bytes, count, dateTime, span, utc } from '../../format.ts'
import { Link } from '../../link.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Table } from '../../ui/table.tsx'
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
  const { accounts } = useLive()
  const owner = useRef<string>(undefined)
  const asked = [...new Set([account, ...accounts])]
  const { data, error, isPending } = useQuery({
    queryKey: ['message', id, asked],
    queryFn: ({ signal }) => findMessage(id, owner.current ? [owner.current] : asked, signal),
    refetchInterval: 2000,
    placeholderData: (before) => before,
  })
  owner.current = data?.account
  if (error && !data) return <Problem text={error.message} />
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
        <Panel title="Attributes">
          <dl className="facts">
            {Object.entries(first.attributes).map(([name, value]) => (
              <Fact key={name} name={name}>
                <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
              </Fact>
            ))}
          </dl>
        </Panel>
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
      <Panel title="History">
        <TimeLine details={details} />
      </Panel>
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
  <Panel title="Deliveries">
    <Table
      label="Table of deliveries"
      headings={['Group', 'Type', 'State', 'Until', 'Attempts', '#Reprocess', 'Modified', 'Worker', 'Last event']}
    >
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
          <td className="text">{delivery.reason}</td>
        </tr>
      ))}
    </Table>
  </Panel>
)
