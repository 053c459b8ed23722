import { useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import type { QueueInfo } from '../../../client/index.ts'
import { addressOf, go } from '../../address.ts'
import { useLive } from '../../data/live.tsx'
import { accountClient } from '../../data/server.ts'
import { useSession } from '../../data/session.tsx'
import { span } from '../../format.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { columnLines, columnsOfLines, newQueue, patchOf, type SettingField, sections, textOf } from './settings-form.ts'

interface QueueDialogProps {
  readonly account?: string
  /** Absent: a queue is made. */
  readonly queue?: QueueInfo
  readonly onClose: () => void
}

export const QueueDialog = ({ account, queue, onClose }: QueueDialogProps) => {
  const session = useSession()
  const { accounts } = useLive()
  const queries = useQueryClient()
  const notices = useNotices()
  const settings: Partial<QueueInfo['settings']> = queue?.settings ?? newQueue

  const save = async (given: FormData) => {
    const owner = account ?? String(given.get('account') || session.account)
    const client = accountClient(owner)
    if (queue) {
      const patch = patchOf(given, settings)
      const columns = columnsOfLines(String(given.get('columns') ?? ''))
      if (JSON.stringify(columns) !== JSON.stringify(settings.metadata?.columns ?? [])) {
        Object.assign(patch, { metadata: { ...settings.metadata, columns } })
      }
      await client.queues.update(queue.name, patch)
      await queries.invalidateQueries({ queryKey: ['queue', owner, queue.name] })
      notices.show({ text: 'Saved.', tone: 'good' })
      return
    }
    const name = String(given.get('name') ?? '')
    await client.queues.create(name, patchOf(given, settings), { ifExists: 'refuse' })
    go(addressOf(['queues', owner, name]))
  }
  const press = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return
    event.preventDefault()
    event.currentTarget.querySelector('form')?.requestSubmit()
  }
  return (
    <FormDialog
      wide
      title={queue ? `Settings of ${queue.name}` : 'New queue'}
      verb={queue ? 'Save' : 'Create'}
      hint="Ctrl+S"
      onKey={press}
      onSubmit={save}
      onClose={onClose}
    >
      <div className="settings">
        {!queue && (
          <div className="form-grid">
            <label className="field">
              <span className="label">Name</span>
              <input className="input" name="name" required maxLength={1024} />
            </label>
            {accounts.length > 1 && (
              <label className="field">
                <span className="label">Account</span>
                <select className="select" name="account" defaultValue={session.account}>
                  {accounts.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              </label>
            )}
          </div>
        )}
        {sections.map(({ title, fields }) => (
          <fieldset key={title}>
            <legend>{title}</legend>
            <div className="form-grid">
              {fields.map((field) => (
                <Setting key={field.name} field={field} value={settings[field.name]} />
              ))}
            </div>
          </fieldset>
        ))}
        {queue && (
          <label className="field">
            <span className="label">Further columns, out of the message</span>
            <textarea
              className="textarea"
              name="columns"
              rows={3}
              defaultValue={columnLines(settings.metadata?.columns)}
              placeholder="Patient = patient.id"
            />
            <span className="hint">A line each: heading = JSON path</span>
          </label>
        )}
      </div>
    </FormDialog>
  )
}

const Setting = ({ field, value }: { field: SettingField; value: unknown }) => {
  const [seconds, setSeconds] = useState(() => (field.kind === 'seconds' ? Number(textOf(field, value)) : 0))
  if (field.kind === 'check') {
    return (
      <label className="check">
        <input type="checkbox" name={field.name} defaultChecked={value === true} />
        <span>{field.label}</span>
      </label>
    )
  }
  const text = textOf(field, value)
  return (
    <label className={field.kind === 'json' ? 'field whole' : 'field'}>
      <span className="label">{field.label}</span>
      {field.kind === 'choice' ? (
        <select className="select" name={field.name} defaultValue={text}>
          {Object.entries(field.choices).map(([choice, label]) => (
            <option key={choice} value={choice}>
              {label}
            </option>
          ))}
        </select>
      ) : field.kind === 'json' ? (
        <textarea
          className="textarea"
          name={field.name}
          rows={text === '' ? 1 : 5}
          defaultValue={text}
          placeholder={field.none}
          spellCheck={false}
        />
      ) : (
        <input
          className="input"
          name={field.name}
          type={field.kind === 'text' ? 'text' : 'number'}
          {...(field.kind === 'text' ? {} : { min: 0, step: field.kind === 'seconds' ? 'any' : 1 })}
          defaultValue={text}
          placeholder={field.none ?? ''}
          onChange={(event) => field.kind === 'seconds' && setSeconds(Number(event.target.value))}
        />
      )}
      {field.hint !== undefined && (
        <span className="hint">
          {seconds >= 60 && `${span(seconds * 1000)}. `}
          {field.hint}
        </span>
      )}
    </label>
  )
}
