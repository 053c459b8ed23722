import type { QueueSettings, QueueSettingsPatch } from '../../../client/index.ts'

/** How a setting is asked for. */
export type SettingField =
  | {
      readonly name: keyof QueueSettings
      readonly label: string
      readonly hint?: string
      readonly kind: 'seconds' | 'number' | 'text' | 'json'
      readonly none?: string
    }
  | { readonly name: keyof QueueSettings; readonly label: string; readonly hint?: string; readonly kind: 'check' }
  | {
      readonly name: keyof QueueSettings
      readonly label: string
      readonly hint?: string
      readonly kind: 'choice'
      readonly choices: Readonly<Record<string, string>>
    }

export interface SettingSection {
  readonly title: string
  readonly fields: readonly SettingField[]
}

const dayMs = 86_400_000

/** What a new queue has of what is asked for, unless it is given something else. */
export const newQueue = {
  ordering: 'unordered',
  maxLeased: null,
  visibilityTimeoutMs: 30_000,
  delayMs: 0,
  receiveWaitMs: 0,
  paused: false,
  newestFirst: false,
  consumerGroups: false,
  receiveLimit: null,
  deadLetterQueue: null,
  retentionMs: 14 * dayMs,
  keepFinished: 'nothing',
  history: 'end',
  keepProcessedMs: 7 * dayMs,
  keepFilteredMs: 7 * dayMs,
  keepErroredMs: null,
  keepShelvedMs: 30 * dayMs,
  maxMessages: null,
  maxMessageBytes: 1_048_576,
  deduplicationWindowMs: 300_000,
  input: null,
  push: null,
  description: '',
} as const satisfies Partial<QueueSettings>

const days = 'In seconds; empty: until removed'

export const sections: readonly SettingSection[] = [
  {
    title: 'Processing',
    fields: [
      {
        name: 'ordering',
        label: 'Processing',
        kind: 'choice',
        choices: { unordered: 'Out of order', grouped: 'Ordered by message group', ordered: 'Ordered' },
        hint: 'Changes only while the queue is empty. Delaying works out of order only.',
      },
      {
        name: 'maxLeased',
        label: 'In work at once',
        kind: 'number',
        none: 'any number',
        hint: 'Concurrency over all workers',
      },
      {
        name: 'visibilityTimeoutMs',
        label: 'Visibility timeout',
        kind: 'seconds',
        hint: 'How long a receive hides a message, in seconds',
      },
      { name: 'delayMs', label: 'Delay', kind: 'seconds', hint: 'Of messages that name none, in seconds' },
      { name: 'receiveWaitMs', label: 'Receives wait', kind: 'seconds', hint: 'When they do not say, in seconds' },
      { name: 'paused', label: 'Paused: nothing is handed out', kind: 'check' },
      { name: 'newestFirst', label: 'The newest first', kind: 'check' },
      { name: 'consumerGroups', label: 'Consumer groups (fixed once created)', kind: 'check' },
    ],
  },
  {
    title: 'Failures',
    fields: [
      {
        name: 'receiveLimit',
        label: 'Receive limit',
        kind: 'number',
        none: 'no limit',
        hint: 'Then a message is dead lettered',
      },
      { name: 'deadLetterQueue', label: 'Dead letter queue', kind: 'text', none: 'none' },
    ],
  },
  {
    title: 'What is kept',
    fields: [
      {
        name: 'retentionMs',
        label: 'Retention',
        kind: 'seconds',
        none: 'until deleted',
        hint: 'Life of a message, in seconds',
      },
      {
        name: 'keepFinished',
        label: 'Finished messages',
        kind: 'choice',
        choices: { nothing: 'Only their history', message: 'The whole message' },
      },
      {
        name: 'history',
        label: 'History',
        kind: 'choice',
        choices: { steps: 'Every step', end: 'How it ended', none: 'None' },
      },
      { name: 'keepProcessedMs', label: 'Clean up processed', kind: 'seconds', none: 'never', hint: days },
      { name: 'keepFilteredMs', label: 'Clean up filtered', kind: 'seconds', none: 'never', hint: days },
      { name: 'keepErroredMs', label: 'Clean up errored', kind: 'seconds', none: 'never', hint: days },
      { name: 'keepShelvedMs', label: 'Clean up shelved', kind: 'seconds', none: 'never', hint: days },
      { name: 'maxMessages', label: 'Messages at most', kind: 'number', none: 'any number' },
    ],
  },
  {
    title: 'Messages',
    fields: [
      { name: 'maxMessageBytes', label: 'Largest message', kind: 'number', hint: 'Bytes of body and attributes' },
      { name: 'deduplicationWindowMs', label: 'Deduplication window', kind: 'seconds', hint: 'In seconds' },
      {
        name: 'input',
        label: 'Declared structure',
        kind: 'json',
        none: 'none',
        hint: '{"fields": […]} or {"schema": {…}}',
      },
      { name: 'push', label: 'Push target', kind: 'json', none: 'none', hint: '{"url": "https://…"}' },
      { name: 'description', label: 'Description', kind: 'text' },
    ],
  },
]

const allFields = sections.flatMap(({ fields }) => fields)

/** What stands in the field of a setting. */
export const textOf = (field: SettingField, value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (field.kind === 'seconds') return String((value as number) / 1000)
  return field.kind === 'json' ? JSON.stringify(value, undefined, 2) : String(value)
}

/** The settings that differ from those in force. Throws when something cannot be read. */
export const patchOf = (form: FormData, now: Partial<QueueSettings>): QueueSettingsPatch => {
  const patch: Record<string, unknown> = {}
  for (const field of allFields) {
    const value = readValue(field, form.get(field.name))
    if (JSON.stringify(value) !== JSON.stringify(now[field.name] ?? null)) patch[field.name] = value
  }
  return patch as QueueSettingsPatch
}

const readValue = (field: SettingField, given: FormDataEntryValue | null): unknown => {
  if (field.kind === 'check') return given !== null
  const text = String(given ?? '').trim()
  if (field.kind === 'choice') return text
  if (text === '') return field.name === 'description' ? '' : null
  switch (field.kind) {
    case 'seconds':
      return Math.round(Number(text) * 1000)
    case 'number':
      return Number(text)
    case 'json':
      try {
        return JSON.parse(text)
      } catch {
        throw new Error(`${field.label} is not JSON.`)
      }
    case 'text':
      return text
  }
}

/** Columns out of the message, a line each: `Patient = patient.id`. */
export const columnLines = (columns: unknown): string =>
  Array.isArray(columns)
    ? columns.map(({ heading, path }: { heading?: string; path?: string }) => `${heading} = ${path}`).join('\n')
    : ''

export const columnsOfLines = (text: string): { heading: string; path: string }[] =>
  text
    .split('\n')
    .map((line) => line.split('='))
    .filter((parts) => parts.length >= 2)
    .map(([heading = '', ...path]) => ({ heading: heading.trim(), path: path.join('=').trim() }))
    .filter(({ heading, path }) => heading !== '' && path !== '')
