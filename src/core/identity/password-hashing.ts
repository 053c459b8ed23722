import type { Clock } from '../clock.ts'
import { GuessLimit } from './guess-limit.ts'
import { hashPassword, isPasswordOf, nobodysHash, type PasswordStrength, usualStrength } from './password-hash.ts'
import { digestOf, type RandomBytes } from './token.ts'
import { Turnstile } from './turnstile.ts'

/** `too-many`: it was not looked at, for too many wrong ones came before it, or too many are being looked at. */
export type PasswordCheck = 'right' | 'wrong' | 'too-many'

export interface PasswordHashingOptions {
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** Of the hashes that are made from now on; others keep theirs. Default: `usualStrength`. */
  readonly passwordStrength?: PasswordStrength
}

/** Makes and checks the hashes of all kinds of passwords, a few at once, and lets nobody guess for long. */
export class PasswordHashing {
  readonly #clock: Clock
  readonly #randomBytes: RandomBytes
  readonly #strength: PasswordStrength
  readonly #guesses = new GuessLimit()
  /** Each hash takes 32 MB and a thread for a quarter of a second. */
  readonly #turnstile = new Turnstile({ atOnce: 2, mayWait: 50 })

  constructor({ clock, randomBytes, passwordStrength = usualStrength }: PasswordHashingOptions) {
    this.#clock = clock
    this.#randomBytes = randomBytes
    this.#strength = passwordStrength
  }

  /** Undefined, at once, when too many wait already. */
  hash(password: string): Promise<string> | undefined {
    return this.#turnstile.pass(() => hashPassword(password, this.#randomBytes, this.#strength))
  }

  /**
   * Whether it is the password that `hashOf` finds the hash of. Whether or not there is one, an answer takes as long. `owner` has so many
   * guesses; whoever asks may name one of any length, and it takes no more room.
   */
  async check(
    owner: string,
    password: string,
    hashOf: () => Promise<string | undefined> | string | undefined,
  ): Promise<PasswordCheck> {
    const guesser = digestOf(owner)
    if (!this.#guesses.take(guesser, this.#clock.now())) return 'too-many'
    let checked: PasswordCheck | undefined
    try {
      checked = await this.#look(await hashOf(), password)
      return checked
    } finally {
      // Only one that was looked at and is wrong was a guess.
      if (checked !== 'wrong') this.#guesses.giveBack(guesser)
    }
  }

  async #look(hash: string | undefined, password: string): Promise<PasswordCheck> {
    const fits = password.length <= longestPassword
    const checking = this.#turnstile.pass(() => isPasswordOf(hash ?? nobodysHash(this.#strength), fits ? password : ''))
    if (!checking) return 'too-many'
    return (await checking) && hash !== undefined && fits ? 'right' : 'wrong'
  }
}

export const longestPassword = 1024
