import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type Account, type CreatedKey, isMillraceError, type Key, type Scope } from '../../../client/index.ts'
import { accountClient } from '../../data/server.ts'
import { useSession } from '../../data/session.tsx'
import { dateTime } from '../../format.ts'
import { copyText } from '../../ui/clipboard.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Glyph } from '../../ui/icons.tsx'
import { messageOf, useNotices } from '../../ui/notices.tsx'

/** Who owns queues, and the keys that open them. */
export const AccountsScreen = () => {
  const session = useSession()
  const client = accountClient(session.account)
  const { data, error } = useQuery({
    queryKey: ['accounts'],
    queryFn: ({ signal }) => client.admin.accounts.list({ limit: 1000, signal }),
  })
  const [chosen, setChosen] = useState<string>()
  const [making, setMaking] = useState(false)
  const accounts = data?.accounts ?? []
  const account = accounts.find(({ name }) => name === chosen) ?? accounts[0]
  return (
    <>
      <div className="head">
        <h1>Accounts and keys</h1>
        <div className="right">
          <button type="button" className="button primary" onClick={() => setMaking(true)}>
            <Glyph name="plus" />
            New account
          </button>
        </div>
      </div>
      {session.state === 'open' && (
        <p className="warning">
          This server is open: it asks nobody for credentials, and only this machine reaches it. The first key closes
          it, so it needs the scope admin: keep its token, you sign in here with it.
        </p>
      )}
      {error && (
        <p className="problem" role="alert">
          {messageOf(error)}
        </p>
      )}
      <div className="accounts">
        <nav className="panel account-list" aria-label="Accounts">
          {accounts.map(({ name, displayName }) => (
            <button key={name} type="button" aria-pressed={name === account?.name} onClick={() => setChosen(name)}>
              <span className="ellipsis">{name}</span>
              {displayName !== '' && <span className="muted ellipsis">{displayName}</span>}
            </button>
          ))}
        </nav>
        {account && <Keys key={account.name} account={account} onRemoved={() => setChosen(undefined)} />}
      </div>
      {making && <NewAccount onClose={() => setMaking(false)} onMade={setChosen} />}
    </>
  )
}

const Keys = ({ account, onRemoved }: { account: Account; onRemoved: () => void }) => {
  const session = useSession()
  const client = accountClient(session.account)
  const queries = useQueryClient()
  const notices = useNotices()
  const { data: keys = [] } = useQuery({
    queryKey: ['keys', account.name],
    queryFn: ({ signal }) => client.admin.keys.list(account.name, { signal }),
  })
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<CreatedKey>()
  const [revoked, setRevoked] = useState<Key>()

  const removeAccount = async () => {
    try {
      await client.admin.accounts.delete(account.name)
      onRemoved()
      await queries.invalidateQueries({ queryKey: ['accounts'] })
    } catch (error) {
      notices.show({ text: messageOf(error), tone: 'bad' })
    }
  }
  const revoke = async (key: Key) => {
    try {
      await client.admin.keys.delete(account.name, key.id)
      notices.show({ text: `The key ${key.id} is revoked.`, tone: 'good' })
      await queries.invalidateQueries({ queryKey: ['keys', account.name] })
    } catch (error) {
      notices.show({ text: messageOf(error), tone: 'bad' })
    }
    setRevoked(undefined)
  }
  const keep = () => {
    setMade(undefined)
    // An open server is closed by its first key, so this may end in a sign-in.
    void queries.invalidateQueries()
  }
  return (
    <section className="panel" aria-labelledby="keys">
      <div className="title">
        <h2 id="keys">Keys of {account.name}</h2>
        <span className="muted">
          created {dateTime(account.createdAt)}, project <code>{account.projectId}</code>
        </span>
        <div className="right">
          <button type="button" className="button small" onClick={() => void removeAccount()}>
            Delete account
          </button>
          <button type="button" className="button small primary" onClick={() => setMaking(true)}>
            New key
          </button>
        </div>
      </div>
      {keys.length === 0 && <p className="empty">It has no keys.</p>}
      {keys.length > 0 && (
        <div className="scroll" tabIndex={0} role="group" aria-label="Table of keys">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">May</th>
                <th scope="col">Created</th>
                <th scope="col">Expires</th>
                <th scope="col">Last used</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {keys.map((key) => (
                <tr key={key.id}>
                  <th scope="row">
                    <code>{key.id}</code> {key.name && <span className="muted">{key.name}</span>}
                  </th>
                  <td>
                    {key.grants.map(({ scope, queues }) => (
                      <span key={`${scope} ${queues}`} className={scope === 'admin' ? 'tag warn' : 'tag'}>
                        {scope}
                        {queues !== '*' && ` ${queues}`}
                      </span>
                    ))}
                  </td>
                  <td>{dateTime(key.createdAt)}</td>
                  <td>{key.expiresAt === null ? 'never' : dateTime(key.expiresAt)}</td>
                  <td>{key.lastUsedAt === null ? 'never' : dateTime(key.lastUsedAt)}</td>
                  <td>
                    {key.configured ? (
                      <span className="muted">in the configuration</span>
                    ) : (
                      <button type="button" className="button small" onClick={() => setRevoked(key)}>
                        Revoke…
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making && (
        <NewKey
          account={account.name}
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false)
            setMade(key)
          }}
        />
      )}
      {made && <Secret made={made} onClose={keep} />}
      {revoked && (
        <Dialog
          title="Revoke the key"
          onClose={() => setRevoked(undefined)}
          footer={
            <>
              <button type="button" className="button" onClick={() => setRevoked(undefined)}>
                Cancel
              </button>
              <button type="button" className="button danger" onClick={() => void revoke(revoked)}>
                Revoke it
              </button>
            </>
          }
        >
          <p>
            Whoever uses the key <code>{revoked.id}</code> {revoked.name} is refused from then on.
          </p>
        </Dialog>
      )}
    </section>
  )
}

const NewAccount = ({ onClose, onMade }: { onClose: () => void; onMade: (name: string) => void }) => {
  const session = useSession()
  const queries = useQueryClient()
  const [fault, setFault] = useState<string>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const displayName = String(form.get('displayName') ?? '')
    try {
      const client = accountClient(session.account)
      const { name } = await client.admin.accounts.create(
        String(form.get('name') ?? ''),
        displayName === '' ? {} : { displayName },
      )
      await queries.invalidateQueries({ queryKey: ['accounts'] })
      onMade(name)
      onClose()
    } catch (error) {
      setFault(messageOf(error))
    }
  }
  return (
    <Dialog title="New account" onClose={onClose}>
      <form className="field" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="label">Name</span>
          <input className="input" name="name" required maxLength={256} />
        </label>
        <label className="field">
          <span className="label">Name for people</span>
          <input className="input" name="displayName" maxLength={256} />
        </label>
        {fault !== undefined && (
          <p className="problem" role="alert">
            {fault}
          </p>
        )}
        <p>
          <button type="submit" className="button primary">
            Create
          </button>
        </p>
      </form>
    </Dialog>
  )
}

const scopes: Readonly<Record<Scope, string>> = {
  send: 'Send messages',
  receive: 'Receive, settle and look at messages',
  manage: 'Manage queues, and open this dashboard',
  admin: 'Administer the server: accounts, keys, backups',
}

interface NewKeyProps {
  readonly account: string
  readonly onClose: () => void
  readonly onMade: (key: CreatedKey) => void
}

const NewKey = ({ account, onClose, onMade }: NewKeyProps) => {
  const session = useSession()
  const [fault, setFault] = useState<string>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const expires = Date.parse(String(form.get('expires') ?? ''))
    try {
      onMade(
        await accountClient(session.account).admin.keys.create(account, {
          name: String(form.get('name') ?? ''),
          scopes: form.getAll('scope') as Scope[],
          queues: String(form.get('queues') || '*'),
          ...(Number.isNaN(expires) ? {} : { expiresAt: expires }),
        }),
      )
    } catch (error) {
      setFault(isMillraceError(error) ? error.message : messageOf(error))
    }
  }
  return (
    <Dialog title={`New key for ${account}`} onClose={onClose}>
      <form className="field" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="label">What it is for</span>
          <input className="input" name="name" maxLength={256} placeholder="checkout" />
        </label>
        <fieldset className="plain-set">
          <legend className="label">It may</legend>
          {Object.entries(scopes).map(([scope, text]) => (
            <label key={scope} className="check">
              <input
                type="checkbox"
                name="scope"
                value={scope}
                defaultChecked={scope === 'admin' ? session.state === 'open' : true}
              />
              <span>
                <code>{scope}</code> {text}
              </span>
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span className="label">With the queues</span>
          <input className="input" name="queues" placeholder="*" />
          <span className="hint">A name, or a pattern in which * stands for any run of characters.</span>
        </label>
        <label className="field">
          <span className="label">Expires</span>
          <input className="input" name="expires" type="datetime-local" />
        </label>
        {fault !== undefined && (
          <p className="problem" role="alert">
            {fault}
          </p>
        )}
        <p>
          <button type="submit" className="button primary">
            Create
          </button>
        </p>
      </form>
    </Dialog>
  )
}

const Secret = ({ made, onClose }: { made: CreatedKey; onClose: () => void }) => {
  const notices = useNotices()
  const copy = () =>
    copyText(made.token).then(
      () => notices.show({ text: 'The token is copied.', tone: 'good' }),
      (error: unknown) => notices.show({ text: messageOf(error), tone: 'bad' }),
    )
  return (
    <Dialog
      title="The key is made"
      onClose={onClose}
      footer={
        <button type="button" className="button primary" onClick={onClose}>
          I have kept it
        </button>
      }
    >
      <p>This is shown once, and never again.</p>
      <div className="field">
        <span className="label">Token, for Authorization: Bearer and for signing in here</span>
        <div className="secret">
          <code>{made.token}</code>
          <button type="button" className="button small" onClick={() => void copy()}>
            Copy
          </button>
        </div>
      </div>
      <div className="field">
        <span className="label">Id and secret, where a client asks for both</span>
        <div className="secret">
          <code>{made.id}</code>
          <code>{made.secret}</code>
        </div>
      </div>
    </Dialog>
  )
}
