import { type FormEvent, useState } from 'react'
import { isMillraceError, type QueueInfo } from '../../../../client/index.ts'
import { addressOf } from '../../../address.ts'
import { accountClient } from '../../../data/server.ts'
import { Link } from '../../../link.tsx'
import { messageOf, useNotices } from '../../../ui/notices.tsx'
import { type DeclaredField, fieldsOfSchema, type Typed, valuesOf } from './field-values.ts'
import { StructureFields } from './structure-fields.tsx'

const kinds = { json: 'JSON', text: 'Text', form: 'Fields' } as const
type Kind = keyof typeof kinds

interface Violation {
  readonly field: string
  readonly message: string
}

/** A message by hand: as JSON or text, or field by field where the queue declares what its messages look like. */
export const SendView = ({ account, queue }: { account: string; queue: QueueInfo }) => {
  const notices = useNotices()
  const fields = fieldsOf(queue)
  const [kind, setKind] = useState<Kind>(fields ? 'form' : 'json')
  const [typed, setTyped] = useState<Typed>({})
  const [fault, setFault] = useState<string>()
  const [violations, setViolations] = useState<readonly Violation[]>([])

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const given = (name: string) => String(form.get(name) ?? '').trim()
    setFault(undefined)
    setViolations([])
    try {
      const body = kind === 'form' ? JSON.stringify(valuesOf(fields ?? [], typed)) : String(form.get('body') ?? '')
      if (kind === 'json') parsed('The body is', body)
      const delay = Number(given('delay') || 0)
      const priority = Number(given('priority') || 0)
      const attributes = given('attributes')
      const sent = await accountClient(account)
        .queue(queue.name)
        .send(body, {
          contentType: given('contentType') || (kind === 'text' ? 'text/plain; charset=utf-8' : 'application/json'),
          ...(delay > 0 ? { delayMs: delay * 1000 } : {}),
          ...(priority === 0 ? {} : { priority }),
          ...(given('messageGroup') ? { messageGroup: given('messageGroup') } : {}),
          ...(given('deduplicationId') ? { deduplicationId: given('deduplicationId') } : {}),
          ...(attributes ? { attributes: parsed('The attributes are', attributes) as Record<string, unknown> } : {}),
        })
      notices.show({
        text: sent.duplicate ? 'A message with this deduplication id was sent before.' : 'Sent.',
        tone: 'good',
        more: <Link href={addressOf(['messages', account, sent.id])}>{sent.id}</Link>,
      })
    } catch (error) {
      setFault(messageOf(error))
      if (isMillraceError(error) && Array.isArray(error.data.violations)) {
        setViolations(error.data.violations as Violation[])
      }
    }
  }
  const faults = Object.fromEntries(violations.map(({ field, message }) => [field, message]))
  return (
    <form className="panel form" onSubmit={(event) => void submit(event)}>
      <div className="head">
        <h2>Send a message</h2>
        <fieldset className="segments" aria-label="How the body is written">
          {(Object.keys(kinds) as Kind[])
            .filter((name) => name !== 'form' || fields)
            .map((name) => (
              <button key={name} type="button" aria-pressed={kind === name} onClick={() => setKind(name)}>
                {kinds[name]}
              </button>
            ))}
        </fieldset>
      </div>
      {kind === 'form' && fields ? (
        <StructureFields
          fields={fields}
          typed={typed}
          faults={faults}
          onType={(path, text) => setTyped((before) => ({ ...before, [path]: text }))}
        />
      ) : (
        <label className="field">
          <span className="label">Body</span>
          <textarea
            className="textarea"
            name="body"
            rows={12}
            spellCheck={false}
            defaultValue={kind === 'json' ? '{\n  \n}' : ''}
            key={kind}
          />
        </label>
      )}
      <div className="form-grid">
        <label className="field">
          <span className="label">Delay in seconds</span>
          <input className="input" name="delay" type="number" min={0} step="any" placeholder="0" />
        </label>
        <label className="field">
          <span className="label">Priority</span>
          <input className="input" name="priority" type="number" placeholder="0" />
        </label>
        <label className="field">
          <span className="label">Message group</span>
          <input className="input" name="messageGroup" />
        </label>
        <label className="field">
          <span className="label">Deduplication id</span>
          <input className="input" name="deduplicationId" />
        </label>
        <label className="field">
          <span className="label">Content type</span>
          <input
            className="input"
            name="contentType"
            placeholder={kind === 'text' ? 'text/plain; charset=utf-8' : 'application/json'}
          />
        </label>
        <label className="field">
          <span className="label">Attributes, as JSON</span>
          <input className="input mono" name="attributes" placeholder='{"source":"by hand"}' />
        </label>
      </div>
      {fault !== undefined && (
        <div className="problem" role="alert">
          <p>{violations.length > 0 ? 'The message is not as this queue declares it:' : fault}</p>
          {violations.length > 0 && (
            <ul>
              {violations.map(({ field, message }) => (
                <li key={`${field} ${message}`}>
                  <strong>{field || 'The message'}</strong>: {message}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      <p>
        <button type="submit" className="button primary">
          Send
        </button>
      </p>
    </form>
  )
}

const parsed = (what: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${what} not JSON: ${messageOf(error)}`)
  }
}

const fieldsOf = ({ settings: { input } }: QueueInfo): readonly DeclaredField[] | undefined => {
  if (!input) return undefined
  return 'fields' in input ? input.fields : fieldsOfSchema(input.schema)
}
