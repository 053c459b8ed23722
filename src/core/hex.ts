/**
 * Numbers of up to 48 bits as hex digits and back. Ids and receipt handles are made and read for every message, and the language's own
 * conversions were a tenth of core's time there.
 */
const threeDigits = Array.from({ length: 4096 }, (_, value) => value.toString(16).padStart(3, '0'))

const digits3 = (value: number): string => threeDigits[value] as string

/** 6 digits, of 24 bits. */
export const hex24 = (value: number): string => digits3(value >>> 12) + digits3(value & 0xfff)

/** 12 digits, of 48 bits. */
export const hex48 = (value: number): string => hex24(Math.floor(value / 0x1000000)) + hex24(value % 0x1000000)

/** 3 digits, of 12 bits. */
export const hex12 = digits3

/** The value of the hex digits of either case from `from` up to `to`; NaN when one is no hex digit. */
export const hexValue = (text: string, from: number, to: number): number => {
  let value = 0
  for (let at = from; at < to; at++) value = value * 16 + digitValue(text.charCodeAt(at))
  return value
}

const digitValue = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN
}
