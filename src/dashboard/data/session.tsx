import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use } from 'react'
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

export const SessionGate = ({ children }: { children: ReactNode }) => {
  const { data, error } = useQuery({ queryKey: ['session'], queryFn: readSession, staleTime: 60_000, retry: 3 })
  if (error && !data) {
    return (
      <main className="empty" role="alert">
        The server does not answer: {error.message}
      </main>
    )
  }
  if (!data) return <main className="empty" aria-busy="true" />
  if (data.state === 'signed-out') return <SignIn />
  return <SessionContext value={data}>{children}</SessionContext>
}
