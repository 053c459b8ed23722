import { MessageView } from './message-view.tsx'

export const MessageScreen = ({ account, id }: { account: string; id: string }) => (
  <>
    <div className="head">
      <h1>Message</h1>
      <code>{id}</code>
    </div>
    <MessageView account={account} id={id} />
  </>
)
