import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useState } from 'react'
import { SignIn } from '../screens/sign-in.tsx'
import { readSession, type Session } from './server.ts'

const SessionContext = createContext<Session | undefined>(undefined)

/** Who is at work. Below `SessionGate` there always is somebody. */
export const useSession = (): Session => {
  const session = use(SessionContext)
  if (!session) throw new Error('outside of the session')
  return session
}

export const useForgetSession = (): (() => void) => {
  const queries = useQueryClient()
  return () => void queries.invalidateQueries({ queryKey: ['session'] })
}

const HoldContext = createContext<(isHeld: boolean) => void>(() => {})

/** While the component is there nobody is asked to sign in: what it shows could not be shown again. */
export const useHeldSession = (): void => {
  const hold = use(HoldContext)
  useEffect(() => {
    hold(true)
    return () => hold(false)
  }, [hold])
}

export const SessionGate = ({ children }: { children: ReactNode }) => {
  const [isHeld, hold] = useState(false)
  const { data, error } = useQuery({
    queryKey: ['session'],
    queryFn: readSession,
    staleTime: 60_000,
    retry: 3,
    enabled: !isHeld,
  })
  if (error && !data) {
    return (
      <main className="empty" role="alert">
        The server does not answer: {error.message}
      </main>
    )
  }
  if (!data) return <main className="empty" aria-busy="true" />
  if (data.state === 'signed-out') return <SignIn />
  return (
    <HoldContext value={hold}>
      <SessionContext value={data}>{children}</SessionContext>
    </HoldContext>
  )
}
