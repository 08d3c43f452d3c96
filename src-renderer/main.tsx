import './zod-without-eval.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createPageClient, logIn } from './client/session.ts'
import { Overview } from './features/overview/overview.tsx'
import { createOverviewStore } from './stores/overview-store.ts'

function start(): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('the page has no root')
  createRoot(root).render(
    <StrictMode>
      <Overview store={createOverviewStore(createPageClient())} />
    </StrictMode>,
  )
}

// A spent code is no error here: the first call says whether the page is logged in.
logIn().then(start, start)
