import { useId, useMemo, useState } from 'react'
import { bytes as sizeOf } from '../../../format.ts'
import { type BodyText, bodyText, shownText } from './body-text.ts'

const shownAtFirst = 20_000

export const BodyPane = ({ title, body, note }: { title: string; body: BodyText | undefined; note: string }) => {
  const id = useId()
  const [whole, setWhole] = useState(false)
  const text = body?.text ?? ''
  const isCut = !whole && text.length > shownAtFirst
  return (
    <section className="pane panel" aria-labelledby={id}>
      <div className="title">
        <h3 id={id}>{title}</h3>
        {body && body.kind !== 'Empty' && <span className="tag">{body.kind}</span>}
        <span className="muted right">{note}</span>
      </div>
      <pre tabIndex={0}>
        {isCut ? text.slice(0, shownAtFirst) : text}
        {isCut && (
          <button type="button" className="button small" onClick={() => setWhole(true)}>
            Show the other {sizeOf(text.length - shownAtFirst)}
          </button>
        )}
        {text === '' && <span className="muted">{body?.kind === 'Empty' ? 'The body is empty.' : 'Nothing.'}</span>}
      </pre>
    </section>
  )
}

interface PreviewProps {
  readonly isChosen: boolean
  /** It has been looked for, and is not there any more. */
  readonly isGone: boolean
  readonly incoming: Uint8Array | undefined
  readonly contentType: string | null
  readonly outgoing: string | null
}

/** On the left the message as it came in, on the right as it went out. */
export const Preview = ({ isChosen, isGone, incoming, contentType, outgoing }: PreviewProps) => {
  const left = useMemo(() => incoming && bodyText(incoming, contentType), [incoming, contentType])
  const right = useMemo(() => (outgoing === null ? undefined : shownText(outgoing, null)), [outgoing])
  const missing = isGone ? 'It is gone' : isChosen ? '' : 'Choose a message'
  return (
    <div className="panes">
      <BodyPane
        title="In"
        body={left}
        note={incoming ? `${contentType ?? 'no content type'} · ${sizeOf(incoming.length)}` : missing}
      />
      <BodyPane
        title="Out"
        body={right}
        note={outgoing === null ? missing || 'Its worker has given nothing' : sizeOf(outgoing.length)}
      />
    </div>
  )
}
