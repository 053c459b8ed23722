/** Between the marks of an axis, one of these lies: so few digits that every mark is written as what it is. */
export const wholeSteps = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat()

export const tenthSteps = [0.1, 0.2, 0.5, ...wholeSteps]

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const

/** In milliseconds: whole seconds, minutes, hours and days, where it is that many. */
export const timeSteps = [
  ...wholeSteps.filter((step) => step <= 10 * second),
  ...[20, 30].map((seconds) => seconds * second),
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * minute),
  ...[1, 2, 4, 6, 12].map((hours) => hours * hour),
  ...wholeSteps.slice(0, 12).map((days) => days * day),
]
