import { addressOf } from '../../../address.ts'
import { Link } from '../../../link.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { MessageView } from '../../message/message-view.tsx'

interface MessageDialogProps {
  readonly account: string
  readonly id: string
  readonly at: 'body' | 'history'
  readonly onClose: () => void
}

export const MessageDialog = ({ account, id, at, onClose }: MessageDialogProps) => (
  <Dialog
    wide
    title={`${at === 'history' ? 'History of' : 'Message'} ${id}`}
    onClose={onClose}
    footer={
      <Link className="button" href={addressOf(['messages', account, id])}>
        Open on a page of its own
      </Link>
    }
  >
    <MessageView account={account} id={id} only={at === 'history' ? 'history' : undefined} />
  </Dialog>
)
