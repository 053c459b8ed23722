import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { isMillraceError } from '../client/index.ts'
import { App } from './app.tsx'
import { LiveProvider } from './data/live.tsx'
import { SessionGate } from './data/session.tsx'
import { applyTheme } from './theme.ts'
import { NoticeBoard } from './ui/notices.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/shell.css'
import './styles/overview.css'
import './styles/queue.css'
import './styles/message.css'

applyTheme()

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError(error) {
      if (isMillraceError(error, 'Unauthorized')) void queries.invalidateQueries({ queryKey: ['session'] })
    },
  }),
  defaultOptions: {
    queries: {
      // The client repeats what may be repeated, so an answer that is an error is one.
      retry: false,
      refetchOnWindowFocus: true,
      staleTime: 5000,
    },
  },
})

const root = document.getElementById('app')
if (!root) throw new Error('the page has no place for the app')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <NoticeBoard>
        <SessionGate>
          <LiveProvider>
            <App />
          </LiveProvider>
        </SessionGate>
      </NoticeBoard>
    </QueryClientProvider>
  </StrictMode>,
)
