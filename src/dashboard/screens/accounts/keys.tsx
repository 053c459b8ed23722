import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Account, CreatedKey, Key } from '../../../client/index.ts'
import { accountClient } from '../../data/server.ts'
import { useSession } from '../../data/session.tsx'
import { dateTime } from '../../format.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { messageOf, useNotices } from '../../ui/notices.tsx'
import { NewKey, Secret } from './new-key.tsx'

/** The keys of one account: what each may, and until when. */
export const Keys = ({ account, onRemoved }: { account: Account; onRemoved: () => void }) => {
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
  const [removing, setRemoving] = useState(false)

  const removeAccount = async () => {
    try {
      await client.admin.accounts.delete(account.name)
      onRemoved()
      await queries.invalidateQueries({ queryKey: ['accounts'] })
    } catch (error) {
      notices.show({ text: messageOf(error), tone: 'bad' })
    }
    setRemoving(false)
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
          <button type="button" className="button small" onClick={() => setRemoving(true)}>
            Delete account…
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
        <Confirmation
          title="Revoke the key"
          verb="Revoke it"
          onConfirm={() => void revoke(revoked)}
          onClose={() => setRevoked(undefined)}
        >
          Whoever uses the key <code>{revoked.id}</code> {revoked.name} is refused from then on.
        </Confirmation>
      )}
      {removing && (
        <Confirmation
          title="Delete the account"
          verb="Delete it"
          onConfirm={() => void removeAccount()}
          onClose={() => setRemoving(false)}
        >
          The account <strong>{account.name}</strong> and its keys are gone for good, and whoever uses them is refused.
          An account that has queues stays.
        </Confirmation>
      )}
    </section>
  )
}

interface ConfirmationProps {
  readonly title: string
  readonly verb: string
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

const Confirmation = ({ title, verb, onConfirm, onClose, children }: ConfirmationProps) => (
  <Dialog
    title={title}
    onClose={onClose}
    footer={
      <>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button danger" onClick={onConfirm}>
          {verb}
        </button>
      </>
    }
  >
    <p>{children}</p>
  </Dialog>
)
