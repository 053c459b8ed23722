import { type DeclaredField, isJson, pathOf, type Typed } from './field-values.ts'

interface StructureFieldsProps {
  readonly fields: readonly DeclaredField[]
  readonly typed: Typed
  readonly faults: Readonly<Record<string, string>>
  readonly path?: string
  readonly onType: (path: string, text: string) => void
}

/** A form for the fields that a queue declares. */
export const StructureFields = ({ fields, typed, faults, path = '', onType }: StructureFieldsProps) => (
  <div className="form-grid">
    {fields.map((field) => {
      const place = pathOf(path, field.name)
      if (field.type === 'object' && field.fields && !field.list) {
        return (
          <fieldset key={place} className="panel form" style={{ gridColumn: '1 / -1' }}>
            <legend className="label">
              {field.name} {!field.required && <span className="muted">(optional)</span>}
            </legend>
            <StructureFields fields={field.fields} typed={typed} faults={faults} path={place} onType={onType} />
          </fieldset>
        )
      }
      return (
        <label key={place} className="field">
          <span className="label">
            {field.name} {!field.required && <span className="muted">(optional)</span>}
          </span>
          <FieldInput
            field={field}
            value={typed[place] ?? ''}
            isFaulty={faults[place] !== undefined}
            onType={(text) => onType(place, text)}
          />
          <span className={faults[place] ? 'fault' : 'hint'}>
            {faults[place] ?? `${field.type}${field.list ? ', a list as JSON' : isJson(field) ? ', as JSON' : ''}`}
          </span>
        </label>
      )
    })}
  </div>
)

const inputTypes: Readonly<Record<string, string>> = {
  email: 'email',
  link: 'url',
  integer: 'number',
  decimal: 'number',
}

interface FieldInputProps {
  readonly field: DeclaredField
  readonly value: string
  readonly isFaulty: boolean
  readonly onType: (text: string) => void
}

const FieldInput = ({ field, value, isFaulty, onType }: FieldInputProps) => {
  const shared = { value, 'aria-invalid': isFaulty || undefined }
  if (isJson(field)) {
    return <textarea className="textarea" rows={2} {...shared} onChange={(event) => onType(event.target.value)} />
  }
  if (field.type === 'boolean') {
    return (
      <select className="select" {...shared} onChange={(event) => onType(event.target.value)}>
        <option value="">–</option>
        <option value="true">true</option>
        <option value="false">false</option>
      </select>
    )
  }
  return (
    <input
      className="input"
      type={inputTypes[field.type] ?? 'text'}
      {...(field.type === 'decimal' ? { step: 'any' } : {})}
      {...shared}
      placeholder={field.type === 'date-time' ? '2026-03-01T08:20:00Z' : undefined}
      onChange={(event) => onType(event.target.value)}
    />
  )
}
