import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { accountClient } from '../../data/server.ts'
import { useSession } from '../../data/session.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Glyph } from '../../ui/icons.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Keys } from './keys.tsx'

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
      <Problem text={error?.message} />
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

const NewAccount = ({ onClose, onMade }: { onClose: () => void; onMade: (name: string) => void }) => {
  const session = useSession()
  const queries = useQueryClient()
  const create = async (given: FormData) => {
    const displayName = String(given.get('displayName') ?? '')
    const { name } = await accountClient(session.account).admin.accounts.create(
      String(given.get('name') ?? ''),
      displayName === '' ? {} : { displayName },
    )
    await queries.invalidateQueries({ queryKey: ['accounts'] })
    onMade(name)
  }
  return (
    <FormDialog title="New account" verb="Create" onSubmit={create} onClose={onClose}>
      <label className="field">
        <span className="label">Name</span>
        <input className="input" name="name" required maxLength={256} />
      </label>
      <label className="field">
        <span className="label">Name for people</span>
        <input className="input" name="displayName" maxLength={256} />
      </label>
    </FormDialog>
  )
}
