/** Whom a `mailto:` URL means. */
export interface Mailbox {
  readonly address: string
  readonly subject: string | undefined
}

/** Undefined unless it names one address and, at most, a subject: others, and copies, are not sent to. */
export const mailboxIn = (url: string): Mailbox | undefined => {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'mailto:' || parsed.hash !== '') return undefined
  const address = decoded(parsed.pathname)
  const said = [...parsed.searchParams].map(([name, value]) => [name.toLowerCase(), value] as const)
  const [name, subject] = said[0] ?? []
  if (said.length > 1 || (name !== undefined && name !== 'subject')) return undefined
  if (!oneAddress.test(address) || address.length > 254 || (subject !== undefined && !oneLine.test(subject))) {
    return undefined
  }
  return { address, subject }
}

export const isMailto = (url: string): boolean => /^mailto:/i.test(url)

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** Nothing that would make several of it, or anything else than an address, in the header of a mail. */
const oneAddress = /^[^\s\p{Cc}@,;:<>()[\]"\\]{1,64}@[^\s\p{Cc}@,;:<>()[\]"\\/]+$/u
const oneLine = /^\P{Cc}{0,512}$/u
