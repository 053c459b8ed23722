import { Refusal } from './errors.ts'
import type { PushTarget } from './push-target.ts'
import { sealedPrefix } from './push-target.ts'
import type { SecretBox } from './secrets.ts'

/** What of a target nobody is shown again: kept sealed, and in clear only where calls are made. */
export type TargetSecrets = Pick<PushTarget, 'headers' | 'signingSecrets'>

/** A target whose headers and signing secrets are sealed. Those that `before` has already stay as they are. */
export const sealTarget = (
  box: SecretBox | undefined,
  account: string,
  target: PushTarget,
  before: PushTarget | null | undefined,
): PushTarget => {
  const names = Object.keys(target.headers)
  if (names.length === 0 && target.signingSecrets.length === 0) return target
  const place = names.length > 0 ? 'push.headers' : 'push.signingSecrets'
  if (!box) throw invalid(place, 'need a server key, which there is none of here')
  const bindings = bindingsOf(account, target)
  const sealed = (setting: string, given: string, boundTo: string, kept: readonly (string | undefined)[]): string => {
    if (given.startsWith(sealedPrefix)) {
      if (opened(box, given, boundTo) !== undefined) return given
      throw invalid(setting, 'is sealed, but not for this account, address and server; give it in clear')
    }
    const known = kept.find((text) => text?.startsWith(sealedPrefix) && opened(box, text, boundTo) === given)
    return known ?? sealedPrefix + box.seal(given, boundTo)
  }
  const headers = Object.entries(target.headers).map(([name, value]) => {
    const text = sealed(`push.headers.${name}`, value, bindings.headers, [before?.headers[name]])
    return [name, text] as const
  })
  const signingSecrets = target.signingSecrets.map((secret) =>
    sealed('push.signingSecrets', secret, bindings.signingSecrets, before?.signingSecrets ?? []),
  )
  return { ...target, headers: Object.fromEntries(headers), signingSecrets }
}

/** In clear, for a call; undefined when something of it cannot be opened: it was sealed with another server key. */
export const openTarget = (
  box: SecretBox | undefined,
  account: string,
  target: PushTarget,
): TargetSecrets | undefined => {
  const bindings = bindingsOf(account, target)
  const headers: Record<string, string> = {}
  for (const [name, text] of Object.entries(target.headers)) {
    const value = opened(box, text, bindings.headers)
    if (value === undefined) return undefined
    headers[name] = value
  }
  const signingSecrets: string[] = []
  for (const text of target.signingSecrets) {
    const secret = opened(box, text, bindings.signingSecrets)
    if (secret === undefined) return undefined
    signingSecrets.push(secret)
  }
  return { headers, signingSecrets }
}

/** What is not sealed is as it was given: so headers were kept once. */
const opened = (box: SecretBox | undefined, text: string, boundTo: string): string | undefined =>
  text.startsWith(sealedPrefix) ? box?.open(text.slice(sealedPrefix.length), boundTo) : text

const bindingsOf = (account: string, target: PushTarget) => ({
  headers: `push headers of ${account}\n${receiverOf(target)}`,
  signingSecrets: `push target of ${account}`,
})

/** Headers go there only, so that whoever may change a target cannot have them sent to anybody else. */
const receiverOf = ({ url }: PushTarget): string => {
  const { origin } = new URL(url)
  return origin === 'null' ? url : origin
}

const invalid = (setting: string, reason: string): Refusal => new Refusal('SettingInvalid', { setting, reason })
