import { useState } from 'react'
import { useLive } from '../../data/live.tsx'
import { useSession } from '../../data/session.tsx'
import { SeriesCharts } from './series-charts.tsx'

export const ChartsScreen = () => {
  const session = useSession()
  const { accounts } = useLive()
  const [account, setAccount] = useState(session.account)
  return (
    <>
      <div className="head">
        <h1>Charts</h1>
        {accounts.length > 1 ? (
          <label>
            <span className="visually-hidden">Account</span>
            <select className="select" value={account} onChange={(event) => setAccount(event.target.value)}>
              {accounts.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        ) : (
          <span className="muted">All queues of {account} together</span>
        )}
      </div>
      <SeriesCharts account={account} />
    </>
  )
}
