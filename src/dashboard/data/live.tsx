import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react'
import { type LiveState, LiveStore, type MessageNews, type Subject } from './live-store.ts'
import { accountClient } from './server.ts'
import { useSession } from './session.tsx'

const Context = createContext<LiveStore | undefined>(undefined)

/** One stream of events for the whole page: every queue at a glance, and the messages on the screen. */
export const LiveProvider = ({ children }: { children: ReactNode }) => {
  const { account, admin } = useSession()
  const queries = useQueryClient()
  const [store] = useState(
    () =>
      new LiveStore({
        account,
        admin,
        watch: (account, request, signal) => accountClient(account).admin.operator.watch(request, { signal }),
        onSignedOut: () => void queries.invalidateQueries({ queryKey: ['session'] }),
      }),
  )
  useEffect(() => {
    store.start()
    return () => store.stop()
  }, [store])
  return <Context value={store}>{children}</Context>
}

const useStore = (): LiveStore => {
  const store = use(Context)
  if (!store) throw new Error('outside of the live stream')
  return store
}

export const useLive = (): LiveState => {
  const store = useStore()
  return useSyncExternalStore(store.subscribe, store.read)
}

/** One queue as it is now; undefined while nothing is known of it. */
export const useLiveQueue = (account: string, name: string) => {
  const store = useStore()
  useSyncExternalStore(store.subscribe, store.read)
  return store.queue(account, name)
}

/** Follows messages of one queue for as long as the component is there. */
export const useWatched = (subject: Subject | undefined, onNews: (news: MessageNews) => void): void => {
  const store = useStore()
  const text = subject && JSON.stringify(subject)
  useEffect(() => {
    if (text === undefined) return
    return store.follow(JSON.parse(text) as Subject, onNews)
  }, [store, text, onNews])
}

/** By the server's clock, second by second. */
export const useServerNow = (): number => {
  const { at } = useLive()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const offset = at === 0 ? 0 : at - Date.now()
    setNow(Date.now() + offset)
    const timer = setInterval(() => setNow(Date.now() + offset), 1000)
    return () => clearInterval(timer)
  }, [at])
  return now
}
