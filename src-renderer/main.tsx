import './zod-without-eval.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { createServices, type Services } from './app/services.ts'
import { createIpcConnection } from './client/ipc-connection.ts'
import { createPageConnection, logIn, rememberPlace } from './client/session.ts'

function show(services: Services): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('the page has no root')
  createRoot(root).render(
    <StrictMode>
      <App services={services} />
    </StrictMode>,
  )
}

function startInBrowser(): void {
  addEventListener('hashchange', rememberPlace)
  show(createServices(createPageConnection(), localStorage))
}

const bridge = globalThis.hookbench
if (bridge === undefined) {
  // A spent code is no error here: the stream says whether the page is logged in.
  logIn().then(startInBrowser, startInBrowser)
} else {
  const { connection, desktop } = createIpcConnection(bridge, (url, init) => fetch(url, init))
  show(createServices(connection, localStorage, desktop))
}
