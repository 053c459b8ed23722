import { type Static, Type } from 'typebox'
import { checkerOf } from '../http/checker.ts'
import { badRequest } from './problem.ts'

/** How a client says who it is, and for which project: in the end the same in every form of the API. */
export interface LogIn {
  readonly credentials: { readonly user: string; readonly secret: string } | { readonly token: string }
  /** The project that the token is to be good for; undefined: its user's. */
  readonly project: string | undefined
  /** As Keystone calls the way of logging in. */
  readonly method: 'password' | 'token' | 'application_credential'
}

const text = Type.String({ maxLength: 4096 })
const anyText = Type.Optional(text)

const V3 = Type.Object({
  auth: Type.Object({
    identity: Type.Object({
      methods: Type.Array(text, { minItems: 1 }),
      password: Type.Optional(Type.Object({ user: Type.Object({ id: anyText, name: anyText, password: text }) })),
      token: Type.Optional(Type.Object({ id: text })),
      application_credential: Type.Optional(Type.Object({ id: anyText, name: anyText, secret: text })),
    }),
    scope: Type.Optional(
      Type.Union([Type.String(), Type.Object({ project: Type.Optional(Type.Object({ id: anyText, name: anyText })) })]),
    ),
  }),
})

const V2 = Type.Object({
  auth: Type.Object({
    passwordCredentials: Type.Optional(Type.Object({ username: anyText, userId: anyText, password: text })),
    'RAX-KSKEY:apiKeyCredentials': Type.Optional(Type.Object({ username: text, apiKey: text })),
    token: Type.Optional(Type.Object({ id: text })),
    tenantId: Type.Optional(Type.Union([text, Type.Null()])),
    tenantName: Type.Optional(Type.Union([text, Type.Null()])),
  }),
})

const checkV3 = checkerOf(V3)
const checkV2 = checkerOf(V2)

export const readV3 = (body: unknown): LogIn => {
  if (!checkV3().Check(body))
    throw malformed('{"auth": {"identity": {"methods": ["password"], "password": {"user": {…}}}}}')
  const { identity, scope } = body.auth
  const project = typeof scope === 'object' ? (scope.project?.id ?? scope.project?.name) : undefined
  const [method] = identity.methods
  const { password, token, application_credential: credential } = identity
  if (method === 'password' && password) {
    const { id, name, password: secret } = password.user
    return { method, credentials: { user: id ?? name ?? '', secret }, project }
  }
  if (method === 'token' && token) return { method, credentials: { token: token.id }, project }
  if (method === 'application_credential' && credential) {
    const { id, name, secret } = credential
    return { method, credentials: { user: id ?? name ?? '', secret }, project }
  }
  throw badRequest('The methods offered are password, token and application_credential, with what belongs to them.')
}

export const readV2 = (body: unknown): LogIn => {
  if (!checkV2().Check(body)) throw malformed('{"auth": {"passwordCredentials": {"username": …, "password": …}}}')
  const { auth } = body
  const project = auth.tenantId ?? auth.tenantName ?? undefined
  const credentials = credentialsOf(auth)
  return { method: 'token' in credentials ? 'token' : 'password', credentials, project }
}

const credentialsOf = (auth: Static<typeof V2>['auth']): LogIn['credentials'] => {
  const { passwordCredentials: password, 'RAX-KSKEY:apiKeyCredentials': apiKey, token } = auth
  if (apiKey) return { user: apiKey.username, secret: apiKey.apiKey }
  if (password) return { user: password.userId ?? password.username ?? '', secret: password.password }
  if (token) return { token: token.id }
  throw badRequest('Say who you are: by apiKeyCredentials, passwordCredentials or token.')
}

const malformed = (form: string) => badRequest(`The request has to be JSON such as ${form}.`)
