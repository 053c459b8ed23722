import type { CreatedKey, Scope } from '../../../client/index.ts'
import { accountClient } from '../../data/server.ts'
import { useHeldSession, useSession } from '../../data/session.tsx'
import { copyText } from '../../ui/clipboard.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { messageOf, useNotices } from '../../ui/notices.tsx'

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

export const NewKey = ({ account, onClose, onMade }: NewKeyProps) => {
  const session = useSession()
  const create = async (given: FormData) => {
    const expires = Date.parse(String(given.get('expires') ?? ''))
    onMade(
      await accountClient(session.account).admin.keys.create(account, {
        name: String(given.get('name') ?? ''),
        scopes: given.getAll('scope') as Scope[],
        queues: String(given.get('queues') || '*'),
        ...(Number.isNaN(expires) ? {} : { expiresAt: expires }),
      }),
    )
  }
  return (
    <FormDialog title={`New key for ${account}`} verb="Create" onSubmit={create} onClose={onClose}>
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
    </FormDialog>
  )
}

/** A key's token is shown once, when it is made. */
export const Secret = ({ made, onClose }: { made: CreatedKey; onClose: () => void }) => {
  const notices = useNotices()
  useHeldSession()
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
