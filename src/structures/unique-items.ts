/** Whether no two elements are equal as JSON is; in one pass, where comparing each with each takes far too long for long lists. */
export const hasNoRepeats = (wanted: boolean, list: readonly unknown[]): boolean => {
  if (!wanted) return true
  const seen = new Set<string>()
  for (const element of list) {
    const text = canonical(element)
    if (seen.has(text)) return false
    seen.add(text)
  }
  return true
}

/** Equal values have equal texts, in whatever order their members are. */
const canonical = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}
