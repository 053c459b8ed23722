import { type ReactNode, useEffect, useRef } from 'react'
import { usePlace } from './address.ts'
import { AccountsScreen } from './screens/accounts/accounts-screen.tsx'
import { ChartsScreen } from './screens/charts/charts-screen.tsx'
import { MessageScreen } from './screens/message/message-screen.tsx'
import { OverviewScreen } from './screens/overview/overview-screen.tsx'
import { QueueScreen } from './screens/queue/queue-screen.tsx'
import { TopBar } from './top-bar.tsx'

export const App = () => {
  const { parts } = usePlace()
  const main = useRef<HTMLElement>(null)
  const screen = parts.join('/')
  const before = useRef(screen)
  useEffect(() => {
    // Another screen: whoever cannot see it is told by the focus.
    if (before.current !== screen) main.current?.focus({ preventScroll: true })
    before.current = screen
  }, [screen])
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => skip(event, main.current)}>
        Skip to the content
      </a>
      <TopBar />
      <main id="main" ref={main} tabIndex={-1} className={parts[0] === 'queues' ? 'page full' : 'page'}>
        {screenOf(parts)}
      </main>
    </>
  )
}

/** The page has a `<base>`, so a link to a fragment would leave the screen. */
const skip = (event: { preventDefault(): void }, main: HTMLElement | null): void => {
  event.preventDefault()
  main?.focus()
}

const screenOf = (parts: readonly string[]): ReactNode => {
  const [first, account, name, tab] = parts
  if (first === undefined) return <OverviewScreen />
  if (first === 'queues' && account !== undefined && name !== undefined) {
    return <QueueScreen key={`${account}/${name}`} account={account} name={name} tab={tab ?? 'messages'} />
  }
  if (first === 'messages' && account !== undefined && name !== undefined) {
    return <MessageScreen key={name} account={account} id={name} />
  }
  if (first === 'charts') return <ChartsScreen />
  if (first === 'accounts') return <AccountsScreen />
  return (
    <div className="empty">
      <h1>There is no such screen</h1>
    </div>
  )
}
