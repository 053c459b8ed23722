import { isDeepStrictEqual } from 'node:util'
import type { QueueSettings, QueueSettingsPatch } from '../../../core/queue.ts'
import { defaultSettings } from '../../../core/settings.ts'
import type { Fields } from '../documents.ts'
import type { CloudQueuesSettings } from '../options.ts'
import { parseExactly } from './exact-json.ts'
import { type Kept, keptWith, reserved, settingNames, settingsOf, takeReserved } from './reserved.ts'

/** The metadata of a queue as a client may see it: its own, then the reserved keys that were set, or all of them. */
export const metadataOf = (settings: QueueSettings, door: CloudQueuesSettings, fill: boolean): Fields => {
  const { reserved: set = {} } = keptWith(settings)
  const entries: [string, unknown][] = Object.entries(ownOf(settings))
  for (const [key, { read }] of reserved) {
    const value = fill || Object.hasOwn(set, key) ? read(settings, set[key], door) : undefined
    if (value !== undefined) entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

/** What a queue shows that does not exist. */
export const metadataOfNone = (door: CloudQueuesSettings): Fields =>
  metadataOf({ ...defaultSettings, ...settingsOf({}) } as QueueSettings, door, true)

/** Its own keys, with numbers to the letter. Another door may have changed them since the text was kept. */
const ownOf = (settings: QueueSettings): Fields => {
  const { metadata: text } = keptWith(settings)
  if (text !== undefined && isDeepStrictEqual(JSON.parse(text), settings.metadata)) return parseExactly(text) as Fields
  return settings.metadata
}

/** The settings of a new queue with this metadata. */
export const settingsForNew = (metadata: Fields, door: CloudQueuesSettings): QueueSettingsPatch => {
  const { own, said } = takeReserved(metadata, door)
  return { ...settingsOf(said), ...keep(own, said, {}) }
}

/** The change of settings that gives an existing queue this metadata. What is set through other doors otherwise stays. */
export const settingsForExisting = (
  current: QueueSettings,
  metadata: Fields,
  door: CloudQueuesSettings,
): QueueSettingsPatch => {
  const { own, said } = takeReserved(metadata, door)
  const shown = metadataOf(current, door, false)
  const changed = [...reserved.keys()].filter((key) => !isDeepStrictEqual(said[key], shown[key]))
  const all = settingsOf(said) as Readonly<Record<string, unknown>>
  const names = new Set(changed.flatMap((key) => settingNames[key] ?? []))
  return { ...Object.fromEntries([...names].map((name) => [name, all[name]])), ...keep(own, said, current.door) }
}

/** As v1 has it: the queue's own metadata, beside whatever else is kept. */
export const settingsForOwn = (current: QueueSettings, own: Fields): QueueSettingsPatch =>
  keep(own, keptWith(current).reserved ?? {}, current.door)

const keep = (own: Fields, said: Fields, door: QueueSettings['door']): QueueSettingsPatch => {
  const text = JSON.stringify(own)
  const set = JSON.parse(JSON.stringify(said)) as Fields
  const metadata = JSON.parse(text) as QueueSettings['metadata']
  const kept: Kept = {
    ...(JSON.stringify(metadata) !== text && { metadata: text }),
    ...(Object.keys(set).length > 0 && { reserved: set }),
  }
  const { cloudQueues: _before, ...others } = door
  return { metadata, door: Object.keys(kept).length > 0 ? { ...others, cloudQueues: kept } : others }
}
