import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { addressOf, go, usePlace } from '../../../address.ts'
import { type Filter, filterOf, isFiltered, queryOf } from '../../../data/filter.ts'
import { type Place, queueAt, readerOf } from '../../../data/messages.ts'
import { count, plural } from '../../../format.ts'
import { typeNames } from '../../../types.ts'
import { copyText } from '../../../ui/clipboard.ts'
import { Menu, type MenuEntry } from '../../../ui/menu.tsx'
import { messageOf, useNotices } from '../../../ui/notices.tsx'
import { Problem } from '../../../ui/problem.tsx'
import { type Act, ActionDialog, type MoveTo } from './action-dialog.tsx'
import type { ExtraColumn } from './columns.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { FilterCell } from './filter-cell.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { MessageDialog } from './message-dialog.tsx'
import { MessageTable } from './message-table.tsx'
import { Preview } from './preview.tsx'
import { nothingChosen, only, type Selection } from './selection.ts'
import { type Target, useCount } from './target.ts'
import { Toolbar } from './toolbar.tsx'
import { useMessages } from './use-messages.ts'

interface MessagesViewProps {
  readonly place: Place
  /** The messages as the queue keeps them for its groups: they have no state of their own. */
  readonly isRetained: boolean
  readonly ordered: boolean
  readonly extras: readonly ExtraColumn[]
  readonly onSettings: () => void
}

export const MessagesView = ({ place, isRetained, ordered, extras, onSettings }: MessagesViewProps) => {
  const { query } = usePlace()
  const notices = useNotices()
  const { account, queue } = place
  const applied = useMemo(() => filterOf(query), [query])
  const newestFirst = query.get('sort') !== 'oldest'
  const [draft, setDraft] = useState(applied)
  useEffect(() => setDraft(applied), [applied])

  const messages = useMessages(place, applied, newestFirst)
  const { rows, execute, next, previous } = messages
  const [selection, setSelection] = useState<Selection>(nothingChosen)
  const [menu, setMenu] = useState<{ x: number; y: number }>()
  const [action, setAction] = useState<{ act: Act; target: Target }>()
  const [viewed, setViewed] = useState<{ id: string; at: 'body' | 'history' }>()
  const [exporting, setExporting] = useState<Target>()
  const [importing, setImporting] = useState(false)

  // Turned by keyboard: the focus goes along, to the first row of the other page.
  const turning = useRef(false)
  const [grab, setGrab] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every result.
  useEffect(() => {
    const [first] = rows
    const isTurned = turning.current
    turning.current = false
    if (!isTurned || !first) return
    setSelection(only(first.id))
    setGrab((before) => before + 1)
  }, [messages.result])
  const turn = (to: (() => void) | undefined) => {
    if (!to) return
    turning.current = true
    to()
  }

  const goTo = (filter: Filter, sort: boolean) =>
    go(
      addressOf(['queues', account, queue], {
        ...queryOf(filter),
        sort: sort ? undefined : 'oldest',
        ...addressedReader(place),
      }),
      { replace: true },
    )
  const run = (filter: Filter = draft) => {
    goTo(filter, newestFirst)
    setSelection(nothingChosen)
    execute()
  }
  // Counted when it is asked for, and again with another filter until it is asked to stop.
  const [isCounting, setCounting] = useState(false)
  const matching = useMemo<Target>(() => ({ kind: 'matching', filter: applied }), [applied])
  const { counted } = useCount(place, isCounting ? matching : undefined)

  const active = rows.find(({ id }) => id === selection.active)
  const whole = useQuery({
    queryKey: ['message-body', place, selection.active],
    queryFn: ({ signal }) => queueAt(place).get(selection.active ?? '', { signal }),
    enabled: selection.active !== undefined,
    staleTime: 2000,
  })
  const stored = whole.data ?? undefined
  const incoming = useMemo(() => stored?.bytes(), [stored])

  const chosen = rows.filter(({ id, isGone }) => selection.chosen.has(id) && !isGone)
  const chosenTarget = (): Target => ({
    kind: 'chosen',
    messages: chosen.map(({ id, type, state }) => ({ id, type, inWork: state === 'leased' })),
  })
  const act = (what: Act) => () => setAction({ act: what, target: chosenTarget() })
  const actOnMatching = (what: Act) => () => setAction({ act: what, target: matching })
  const copy = (text: string, what: string) =>
    copyText(text).then(
      () => notices.show({ text: `${what} copied.`, tone: 'good' }),
      (error: unknown) => notices.show({ text: messageOf(error), tone: 'bad' }),
    )
  const copyBody = async () => {
    if (selection.active === undefined) return
    const message = await queueAt(place).get(selection.active)
    if (message) await copy(message.text(), 'The body')
  }
  const report = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => notices.show({ text: messageOf(error), tone: 'bad' }))

  const none = chosen.length === 0 ? 'No message is chosen' : undefined
  const notOne = chosen.length === 1 ? undefined : 'For one message at a time'
  const stateless = isRetained ? 'Choose a consumer group first: each has a state of its own' : undefined
  const reprocessable = chosen.some(({ type }) => type !== 'Q') ? undefined : 'Only types D, P, E, F and S'
  const entries: readonly (MenuEntry | 'line')[] = [
    {
      label: 'View message…',
      hint: 'Enter',
      disabled: notOne,
      run: () => chosen[0] && setViewed({ id: chosen[0].id, at: 'body' }),
    },
    { label: 'View history', disabled: notOne, run: () => chosen[0] && setViewed({ id: chosen[0].id, at: 'history' }) },
    'line',
    { label: 'Reprocess selected…', disabled: none ?? stateless ?? reprocessable, run: act({ do: 'reprocess' }) },
    { label: 'Reprocess all matching filter…', disabled: stateless, run: actOnMatching({ do: 'reprocess' }) },
    {
      label: 'Move to',
      disabled: none ?? stateless,
      entries: (['P', 'E', 'F', 'S'] as const).map((to: MoveTo) => ({
        label: `${typeNames[to]}…`,
        run: act({ do: 'move', to }),
      })),
    },
    {
      label: 'Copy',
      disabled: none,
      entries: [
        { label: 'Body', hint: 'Ctrl+C', disabled: notOne, run: () => report(copyBody()) },
        {
          label: 'ID',
          run: () => report(copy(chosen.map(({ id }) => id).join('\n'), plural(chosen.length, 'id'))),
        },
        { label: 'To another queue…', run: act({ do: 'copy' }) },
      ],
    },
    'line',
    { label: 'Export selected…', disabled: none, run: () => setExporting(chosenTarget()) },
    { label: 'Export all matching filter…', run: () => setExporting(matching) },
    { label: 'Import…', run: () => setImporting(true) },
    'line',
    { label: 'Purge selected…', hint: 'Del', danger: true, disabled: none, run: act({ do: 'delete' }) },
    { label: 'Purge all matching filter…', danger: true, run: actOnMatching({ do: 'delete' }) },
  ]

  const key = (event: KeyboardEvent): boolean => {
    const { ctrlKey, metaKey, shiftKey } = event
    const command = ctrlKey || metaKey
    if (event.key === 'PageDown') turn(next)
    else if (event.key === 'PageUp') turn(previous)
    else if (event.key === 'Delete' && chosen.length > 0) act({ do: 'delete' })()
    else if (command && event.key.toLowerCase() === 'c' && !shiftKey && getSelection()?.isCollapsed !== false) {
      report(copyBody())
    } else return false
    return true
  }
  useEffect(() => {
    // Wherever the focus is on this screen.
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'F5' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return
      if ((event.target as Element).closest('dialog')) return
      event.preventDefault()
      run()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  return (
    <div className="queue-page">
      <Toolbar
        newestFirst={newestFirst}
        total={isCounting ? count(counted?.count ?? 0) : undefined}
        isCounting={isCounting && !counted?.isWhole}
        hasPrevious={previous !== undefined}
        hasNext={next !== undefined}
        pageNumber={messages.pageNumber}
        shown={rows.length}
        newer={messages.newer}
        onSettings={onSettings}
        onRun={() => run()}
        // It goes away with what it told of; the keyboard goes on in what has come.
        onNewer={() => {
          turning.current = true
          run()
        }}
        onSort={() => {
          goTo(applied, !newestFirst)
          setSelection(nothingChosen)
          execute()
        }}
        onPrevious={() => previous?.()}
        onNext={() => next?.()}
        onCount={() => setCounting(!isCounting)}
      >
        <label className="body-filter">
          <span className="visually-hidden">Body contains; * stands for anything</span>
          <input
            className="input"
            placeholder="Body contains…"
            value={draft.body}
            onChange={(event) => setDraft({ ...draft, body: event.target.value })}
            onKeyDown={(event) => event.key === 'Enter' && run()}
          />
        </label>
        <span className="muted" role="status">
          {chosen.length > 1 && `${count(chosen.length)} chosen`}
        </span>
      </Toolbar>
      {draft.when === 'between' && (
        <div className="between">
          {(['from', 'to'] as const).map((end) => (
            <label key={end}>
              {end === 'from' ? 'From' : 'to'}{' '}
              <input
                type="datetime-local"
                className="input"
                value={draft[end]}
                onChange={(event) => setDraft({ ...draft, [end]: event.target.value })}
                onKeyDown={(event) => event.key === 'Enter' && run()}
              />
            </label>
          ))}
        </div>
      )}
      <Problem text={messages.error?.message} />
      <MessageTable
        rows={rows}
        extras={extras}
        selection={selection}
        busy={messages.isFetching}
        result={messages.result}
        grab={grab}
        empty={
          <p className="empty">
            {messages.isFetching ? 'Looking…' : emptiness(next !== undefined, previous !== undefined, applied)}
          </p>
        }
        filterCell={(column) => (
          <FilterCell
            column={column}
            filter={draft}
            onRun={() => run()}
            onChange={(change, at) => {
              const changed = { ...draft, ...change }
              setDraft(changed)
              if (at) run(changed)
            }}
          />
        )}
        onSelect={setSelection}
        onOpen={(id) => setViewed({ id, at: 'body' })}
        onMenu={setMenu}
        onKey={key}
      />
      <Preview
        isChosen={selection.active !== undefined}
        isGone={whole.data === null}
        incoming={incoming}
        contentType={stored?.contentType ?? null}
        outgoing={stored?.outbound ?? active?.message.outbound ?? null}
      />
      {menu && <Menu label="Message" entries={entries} at={menu} onClose={() => setMenu(undefined)} />}
      {action && (
        <ActionDialog
          place={place}
          ordered={ordered}
          act={action.act}
          target={action.target}
          onClose={() => setAction(undefined)}
          onDone={() => {
            if (action.act.do === 'delete') run()
          }}
        />
      )}
      {exporting && <ExportDialog place={place} target={exporting} onClose={() => setExporting(undefined)} />}
      {importing && <ImportDialog place={place} onClose={() => setImporting(false)} onDone={() => run()} />}
      {viewed && <MessageDialog account={account} id={viewed.id} at={viewed.at} onClose={() => setViewed(undefined)} />}
    </div>
  )
}

const emptiness = (hasNext: boolean, hasPrevious: boolean, filter: Filter): string => {
  if (hasNext) return 'Nothing found among the many looked at so far. The next page goes on from there.'
  if (hasPrevious)
    return isFiltered(filter) ? 'No further message matches the filter.' : 'There are no further messages.'
  return isFiltered(filter) ? 'No message matches the filter.' : 'There are no messages in this queue.'
}

/** The chosen group, as it stands in the page's address. */
export const addressedReader = (place: Place): Record<string, string | undefined> => {
  const { group, deadLetters } = readerOf(place)
  return { group, dead: deadLetters ? 'yes' : undefined }
}
