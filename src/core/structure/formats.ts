/** Texts of a certain form. Each is decided in a time that grows with the text and no faster. */

/** ISO 8601 with date and time; the zone may be left out. The date has to exist. */
export const isDateTime = (text: string): boolean => {
  const parts = text.length > 40 ? null : dateTime.exec(text)
  if (!parts) return false
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part = '0') => Number(part))
  if (!isDay(year, month, day)) return false
  // A leap second is a time of day, too.
  return (hour <= 23 && minute <= 59 && second <= 60) || (hour === 24 && minute === 0 && second === 0)
}

const dateTime =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/

export const isDate = (text: string): boolean => {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  const [year = 0, month = 0, day = 0] = parts?.slice(1).map(Number) ?? []
  return isDay(year, month, day)
}

const isDay = (year: number, month: number, day: number): boolean => {
  if (month < 1 || month > 12 || day < 1) return false
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31)
}

/** `local@domain.tld`. */
export const isEmail = (text: string): boolean => {
  if (text.length > 320) return false
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  const labels = text.slice(at + 1).split('.')
  if (at < 1 || local.length > 64 || !/^[^\s@"(),:;<>[\\\]]+$/.test(local)) return false
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return false
  return (
    labels.length >= 2 && labels.every((label) => /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label))
  )
}

/** An absolute http or https URL. */
export const isLink = (text: string): boolean =>
  text.length <= 8192 && /^https?:\/\/[^\s/?#]/i.test(text) && URL.canParse(text)

/** Any absolute URI. */
export const isUri = (text: string): boolean =>
  text.length <= 8192 && /^[a-z][a-z0-9+.-]*:\S+$/i.test(text) && URL.canParse(text)

export const isIdentifier = (text: string): boolean => /^[0-9a-f]{24}$/i.test(text)

export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
