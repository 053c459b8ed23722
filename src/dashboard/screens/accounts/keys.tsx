import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Account, CreatedKey, Key } from '../../../client/index.ts'
import { accountClient } from '../../data/server.ts'
import { useSession } from '../../data/session.tsx'
import { dateTime } from '../../format.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
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
    await client.admin.accounts.delete(account.name)
    onRemoved()
    await queries.invalidateQueries({ queryKey: ['accounts'] })
  }
  const revoke = async (key: Key) => {
    await client.admin.keys.delete(account.name, key.id)
    notices.show({ text: `The key ${key.id} is revoked.`, tone: 'good' })
    await queries.invalidateQueries({ queryKey: ['keys', account.name] })
  }
  const keep = () => {
    setMade(undefined)
    // An open server is closed by its first key, so this may end in a sign-in.
    void queries.invalidateQueries()
  }
  return (
    <Panel
      title={`Keys of ${account.name}`}
      beside={
        <>
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
        </>
      }
    >
      {keys.length === 0 && <p className="empty">It has no keys.</p>}
      {keys.length > 0 && (
        <Table label="Table of keys" headings={['Key', 'May', 'Created', 'Expires', 'Last used']} hasActions>
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
        </Table>
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
        <FormDialog
          title="Revoke the key"
          verb="Revoke it"
          danger
          onSubmit={() => revoke(revoked)}
          onClose={() => setRevoked(undefined)}
        >
          <p>
            Whoever uses the key <code>{revoked.id}</code> {revoked.name} is refused from then on.
          </p>
        </FormDialog>
      )}
      {removing && (
        <FormDialog
          title="Delete the account"
          verb="Delete it"
          danger
          onSubmit={removeAccount}
          onClose={() => setRemoving(false)}
        >
          <p>
            The account <strong>{account.name}</strong> and its keys are gone for good, and whoever uses them is
            refused. An account that has queues stays.
          </p>
        </FormDialog>
      )}
    </Panel>
  )
}
