import './zod-without-eval.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { createServices } from './app/services.ts'
import { createPageConnection, logIn, rememberPlace } from './client/session.ts'

function start(): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('the page has no root')
  addEventListener('hashchange', rememberPlace)
  const services = createServices(createPageConnection(), localStorage)
  createRoot(root).render(
    <StrictMode>
      <App services={services} />
    </StrictMode>,
  )
}

// A spent code is no error here: the stream says whether the page is logged in.
logIn().then(start, start)
