import type { RandomBytes } from './token.ts'

const length = 20
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:;.=+%*'

/**
 * A password of the form that StarQueue's have: 12 to 20 letters, digits and `-_:;.=+%*`, with at least one digit, one upper-case
 * and one lower-case letter. This one has 123 bits.
 */
export const newPassword = (random: RandomBytes): string => {
  while (true) {
    const password = letters(random)
    if (/\d/.test(password) && /[A-Z]/.test(password) && /[a-z]/.test(password)) return password
  }
}

/** Bytes beyond the last whole multiple of the alphabet are thrown away, so that every letter is as likely. */
const letters = (random: RandomBytes): string => {
  const fair = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}
