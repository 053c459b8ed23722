import { addressOf, usePlace } from './address.ts'
import { useLive } from './data/live.tsx'
import { signOut } from './data/server.ts'
import { useForgetSession, useSession } from './data/session.tsx'
import { Find } from './find.tsx'
import { Link } from './link.tsx'
import { setTheme, type Theme, useTheme } from './theme.ts'
import { IconButton } from './ui/icon-button.tsx'
import { type IconName, Logo } from './ui/icons.tsx'

export const TopBar = () => {
  const { parts } = usePlace()
  const session = useSession()
  const current = (name: string | undefined) => (parts[0] === name ? ('page' as const) : undefined)
  return (
    <header className="top">
      <Link href={addressOf([])} className="brand">
        <Logo />
        Millrace
      </Link>
      <nav aria-label="Main">
        <Link href={addressOf([])} aria-current={current(undefined)}>
          Overview
        </Link>
        <Link href={addressOf(['charts'])} aria-current={current('charts')}>
          Charts
        </Link>
        {session.admin && (
          <Link href={addressOf(['accounts'])} aria-current={current('accounts')}>
            Accounts
          </Link>
        )}
      </nav>
      <Find />
      <div className="end">
        <LiveLight />
        <ThemeSwitch />
        {session.state === 'signed-in' && <SignOut name={session.name ?? ''} />}
      </div>
    </header>
  )
}

const LiveLight = () => {
  const connected = useLive().connected
  return (
    <span className={connected ? 'live' : 'live off'} role="status">
      {connected ? 'Live' : 'Connecting'}
    </span>
  )
}

const next: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }
const icons: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'sun', dark: 'moon' }

const ThemeSwitch = () => {
  const theme = useTheme()
  const label = `Colours: ${theme === 'system' ? 'as the system’s' : theme}. Change to ${next[theme]}.`
  return <IconButton className="plain" icon={icons[theme]} label={label} onClick={() => setTheme(next[theme])} />
}

const SignOut = ({ name }: { name: string }) => {
  const forget = useForgetSession()
  const leave = () => void signOut().finally(forget)
  return <IconButton className="plain" icon="out" label={`Sign out ${name}`} onClick={leave} />
}
