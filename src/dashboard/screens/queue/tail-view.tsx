import { useCallback, useState } from 'react'
import type { WatchedMessage } from '../../../client/index.ts'
import { addressOf } from '../../address.ts'
import { useWatched } from '../../data/live.tsx'
import type { MessageNews } from '../../data/live-store.ts'
import { accountClient } from '../../data/server.ts'
import { clockTime, count } from '../../format.ts'
import { Link } from '../../link.tsx'
import { messageOf } from '../../ui/notices.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Problem } from '../../ui/problem.tsx'
import { TypeLetter } from '../../ui/type-letter.tsx'

interface Line extends WatchedMessage {
  readonly text: string
}

const shownLines = 500
const textLength = 300

/** Messages as they come in, the newest on top. */
export const TailView = ({ account, queue }: { account: string; queue: string }) => {
  const [lines, setLines] = useState<readonly Line[]>([])
  const [paused, setPaused] = useState(false)
  const [seen, setSeen] = useState(0)
  const [fault, setFault] = useState<string>()
  const onNews = useCallback(
    ({ sent }: MessageNews) => {
      if (sent.length === 0) return
      setSeen((before) => before + sent.length)
      const come = sent.map((message) => ({ ...message, text: '' })).reverse()
      setLines((before) => [...come, ...before].slice(0, shownLines))
      // Their texts come later, for those lines that are still there.
      accountClient(account)
        .queue(queue)
        .getMany(sent.map(({ id }) => id))
        .then((messages) => {
          const texts = new Map(messages.map((message) => [message.id, message.text().slice(0, textLength)]))
          setLines((before) => before.map((line) => ({ ...line, text: texts.get(line.id) ?? line.text })))
          setFault(undefined)
        })
        .catch((error: unknown) => setFault(messageOf(error)))
    },
    [account, queue],
  )
  useWatched(paused ? undefined : { account, queue, ids: [], tail: true }, onNews)
  return (
    <Panel
      title="Live tail"
      className="queue-page"
      beside={
        <>
          <span className="muted" role="status">
            {paused ? 'Stopped' : 'Following what is sent'} · {count(seen)} seen
          </span>
          <div className="right">
            <button type="button" className="button small" onClick={() => setPaused(!paused)}>
              {paused ? 'Go on' : 'Stop'}
            </button>
            <button type="button" className="button small" onClick={() => setLines([])}>
              Clear
            </button>
          </div>
        </>
      }
    >
      <Problem text={fault} />
      {lines.length === 0 && <p className="empty">Messages appear here as they are sent.</p>}
      <ul className="tail">
        {lines.map((line) => (
          <li key={line.id}>
            <span className="muted">{clockTime(line.sentAt)}</span>
            <TypeLetter type={line.type} />
            <Link href={addressOf(['messages', account, line.id])}>{line.id}</Link>
            <span className="ellipsis">{line.text}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
