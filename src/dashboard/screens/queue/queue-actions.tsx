import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { QueueInfo, Task } from '../../../client/index.ts'
import { addressOf, go } from '../../address.ts'
import { followTask } from '../../data/act.ts'
import type { LiveQueue } from '../../data/live-store.ts'
import { accountClient } from '../../data/server.ts'
import { count, plural } from '../../format.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Glyph } from '../../ui/icons.tsx'
import { messageOf, useNotices } from '../../ui/notices.tsx'

/** Pause, redrive and delete: what is done to a whole queue. */
export const QueueActions = ({ queue, live }: { queue: QueueInfo; live: LiveQueue | undefined }) => {
  const { account, name } = queue
  const notices = useNotices()
  const queries = useQueryClient()
  const [asking, setAsking] = useState<'redrive' | 'delete'>()
  const paused = live?.paused ?? queue.settings.paused
  const pause = async () => {
    try {
      await accountClient(account).queues.update(name, { paused: !paused })
      notices.show({ text: paused ? `${name} hands out messages again.` : `${name} is paused.`, tone: 'good' })
      await queries.invalidateQueries({ queryKey: ['queue', account, name] })
    } catch (error) {
      notices.show({ text: messageOf(error), tone: 'bad' })
    }
  }
  const hasDeadLetters = live?.isDeadLetterQueue || (live?.deadLetters ?? 0) > 0
  return (
    <>
      {hasDeadLetters && (
        <button type="button" className="button" onClick={() => setAsking('redrive')}>
          <Glyph name="refresh" size={13} />
          Redrive…
        </button>
      )}
      <button type="button" className="button" onClick={() => void pause()}>
        <Glyph name={paused ? 'run' : 'pause'} size={13} />
        {paused ? 'Resume' : 'Pause'}
      </button>
      <button type="button" className="button" onClick={() => setAsking('delete')}>
        Delete…
      </button>
      {asking === 'redrive' && <RedriveDialog queue={queue} onClose={() => setAsking(undefined)} />}
      {asking === 'delete' && <DeleteDialog queue={queue} onClose={() => setAsking(undefined)} />}
    </>
  )
}

const RedriveDialog = ({
  queue: { account, name, groups, settings },
  onClose,
}: {
  queue: QueueInfo
  onClose: () => void
}) => {
  const notices = useNotices()
  const withDeadLetters = groups.filter(({ deadLetters }) => deadLetters !== null)
  const run = async (given: FormData) => {
    const [to, group, most] = ['to', 'group', 'most'].map((field) => String(given.get(field) ?? ''))
    const task = await accountClient(account)
      .queue(name)
      .redrive({
        ...(to ? { to } : {}),
        ...(group ? { group } : {}),
        ...(most ? { maxPerSecond: Number(most) } : {}),
      })
    // In a notice: the dialog closes.
    void follow(task)
  }
  const follow = async (begun: Task) => {
    const stop = new AbortController()
    const more = (
      <button type="button" className="button small" onClick={() => stop.abort()}>
        Stop
      </button>
    )
    const shown = notices.show({ text: 'Redriving…', stays: true })
    const onChange = ({ changed, total }: Task) =>
      notices.show({ text: `Redriving… ${count(changed)} of ${count(total)}`, stays: true, more }, shown)
    try {
      const task = await followTask(accountClient(account), begun, { signal: stop.signal, onChange })
      notices.show({ text: endOf(task), tone: task.state === 'failed' ? 'bad' : 'good' }, shown)
    } catch (error) {
      notices.show({ text: messageOf(error), tone: 'bad' }, shown)
    }
  }
  return (
    <FormDialog title="Redrive dead letters" verb="Redrive" onSubmit={run} onClose={onClose}>
      <p>Moves the dead letters of “{name}” back to where each came from, or all of them to another queue.</p>
      {settings.consumerGroups && withDeadLetters.length > 0 && (
        <label className="field">
          <span className="label">Consumer group</span>
          <select className="select" name="group">
            {withDeadLetters.map((group) => (
              <option key={group.name}>{group.name}</option>
            ))}
          </select>
        </label>
      )}
      <label className="field">
        <span className="label">To another queue</span>
        <input className="input" name="to" placeholder="each to where it came from" />
      </label>
      <label className="field">
        <span className="label">Messages a second at most</span>
        <input className="input" name="most" type="number" min={1} placeholder="no limit" />
      </label>
    </FormDialog>
  )
}

const endOf = ({ state, changed, skipped, total, failure }: Task): string => {
  if (state === 'cancelled') return `Stopped: ${count(changed)} of ${plural(total, 'message')} moved.`
  return `${plural(changed, 'message')} moved, ${count(skipped)} stayed.${failure ? ` ${failure}` : ''}`
}

const DeleteDialog = ({ queue: { account, name, messages }, onClose }: { queue: QueueInfo; onClose: () => void }) => {
  const notices = useNotices()
  // What is known of it may be from when the screen was opened.
  const { data } = useQuery({
    queryKey: ['queue', account, name],
    queryFn: ({ signal }) => accountClient(account).queues.get(name, { signal }),
    staleTime: 0,
    refetchInterval: 2000,
  })
  const left = data?.messages ?? messages
  const [typed, setTyped] = useState('')
  const remove = async (all: boolean) => {
    const client = accountClient(account)
    try {
      if (all) await client.queues.delete(name)
      else await client.queue(name).purge()
      notices.show({ text: all ? `${name} is deleted.` : `${name} is empty.`, tone: 'good' })
      onClose()
      if (all) go(addressOf([]))
    } catch (error) {
      notices.show({ text: messageOf(error), tone: 'bad' })
    }
  }
  return (
    <Dialog
      title="Delete or empty the queue"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" className="button" disabled={typed !== name} onClick={() => void remove(false)}>
            Empty it
          </button>
          <button type="button" className="button danger" disabled={typed !== name} onClick={() => void remove(true)}>
            Delete it
          </button>
        </>
      }
    >
      <p className="warning">
        {left === 0
          ? 'There is no message in it.'
          : `${plural(left, 'message')}, in whatever state, will be gone at once and for good.`}
      </p>
      <label className="field">
        <span className="label">Type its name to go on</span>
        <input className="input" value={typed} onChange={(event) => setTyped(event.target.value)} placeholder={name} />
      </label>
    </Dialog>
  )
}
