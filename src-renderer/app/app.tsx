import { lazy, Suspense, useEffect } from 'react'
import { Link, Route, Router, Switch, useLocation } from 'wouter'
import { useStore } from 'zustand'
import { Captures } from '../features/captures/captures.tsx'
import { Deliveries } from '../features/deliveries/deliveries.tsx'
import { Overview } from '../features/overview/overview.tsx'
import { Button } from '../parts/button.tsx'
import { Empty, Loading } from '../parts/notice.tsx'
import { Toaster } from '../parts/toaster.tsx'
import { visible } from '../parts/words.ts'
import { warnsBeforeLeaving } from '../stores/drafts-store.ts'
import { themes } from '../stores/preferences-store.ts'
import { DesktopEvents } from './desktop-events.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { useCommands, useKeys } from './keyboard.ts'
import { useHashPath, useHashSearch } from './location.ts'
import { Navigation, places } from './navigation.tsx'
import { Palette, Shortcuts } from './palette.tsx'
import { ServicesContext, useServices, useWorkspace, type Services } from './services.ts'

const Destinations = lazy(() =>
  import('../features/destinations/destinations.tsx').then((module) => ({ default: module.Destinations })),
)
const Events = lazy(() =>
  import('../features/events/events.tsx').then((module) => ({ default: module.Events })),
)
const Subscriptions = lazy(() =>
  import('../features/subscriptions/subscriptions.tsx').then((module) => ({ default: module.Subscriptions })),
)
const Contacts = lazy(() =>
  import('../features/contacts/contacts.tsx').then((module) => ({ default: module.Contacts })),
)
const Endpoints = lazy(() =>
  import('../features/endpoints/endpoints.tsx').then((module) => ({ default: module.Endpoints })),
)
const Settings = lazy(() =>
  import('../features/settings/settings.tsx').then((module) => ({ default: module.Settings })),
)

export function App({ services }: { readonly services: Services }) {
  return (
    <ServicesContext value={services}>
      {/* oxlint-disable-next-line react/hooks -- the router takes its hooks as values */}
      <Router hook={useHashPath} searchHook={useHashSearch}>
        <Shell />
      </Router>
    </ServicesContext>
  )
}

function Shell() {
  const { commands, connection, configuration, preferences, toasts } = useServices()
  const [path] = useLocation()
  const theme = useStore(preferences, (state) => state.theme)
  const loading = useStore(configuration, (state) => state.status === 'loading')
  useKeys(commands)
  useWarningBeforeLeaving()
  useGeneralCommands()
  useEffect(() => connection.getState().start(), [connection])
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
  }, [theme])
  useEffect(() => {
    const place = places.find((each) => (each.path === '/' ? path === '/' : path.startsWith(each.path)))
    document.title = place === undefined ? 'Hookbench' : `${place.label} · Hookbench`
  }, [path])
  return (
    <>
      <div className="shell">
        <a className="skip" href="#main" onClick={skipToMain}>
          Skip to content
        </a>
        <Navigation />
        <div className="stage">
          <ConnectionBar />
          <main id="main" tabIndex={-1}>
            <ErrorBoundary place={path}>
              <Suspense fallback={<Loading />}>{loading ? <Loading /> : <Screens />}</Suspense>
            </ErrorBoundary>
          </main>
        </div>
      </div>
      <Palette />
      <Shortcuts />
      <DesktopEvents />
      <Toaster toasts={toasts} />
    </>
  )
}

/** A browser asks before it closes a page with unsaved work. The desktop app's window is hidden, not closed. */
function useWarningBeforeLeaving(): void {
  const { desktop, drafts } = useServices()
  const warns = useStore(drafts, warnsBeforeLeaving) && desktop === null
  useEffect(() => {
    if (!warns) return undefined
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [warns])
}

function skipToMain(event: { preventDefault: () => void }): void {
  // The hash is the address of the screen, not of an element.
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function Screens() {
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/deliveries/:id?">{({ id }) => <Deliveries id={id ?? null} />}</Route>
      <Route path="/captures/:id?">{({ id }) => <Captures id={id ?? null} />}</Route>
      <Route path="/destinations/:id?">{({ id }) => <Destinations id={id ?? null} />}</Route>
      <Route path="/events/:id?">{({ id }) => <Events id={id ?? null} />}</Route>
      <Route path="/subscriptions/:id?">{({ id }) => <Subscriptions id={id ?? null} />}</Route>
      <Route path="/contacts/:id?">{({ id }) => <Contacts id={id ?? null} />}</Route>
      <Route path="/endpoints/:id?">{({ id }) => <Endpoints id={id ?? null} />}</Route>
      <Route path="/settings" component={Settings} />
      <Route>
        <Empty title="There is no such screen" action={<Link href="/">Overview</Link>}>
          The address may be of a newer version.
        </Empty>
      </Route>
    </Switch>
  )
}

/** Says when the engine isn't reached, and what to do. */
function ConnectionBar() {
  const { connection } = useServices()
  const { state, retry } = useStore(connection)
  if (state === 'live' || state === 'connecting') return null
  return (
    <div className="connection-bar" role="alert">
      {state === 'lost' ? (
        <>
          <strong>Hookbench does not answer.</strong> It is tried again by itself; what you typed is kept.
        </>
      ) : (
        <>
          <strong>Hookbench was started anew, or this page was never logged in.</strong> Open it again with{' '}
          <code>hookbench open</code>, in this browser; this page goes on by itself then, and what you typed
          is kept.
        </>
      )}
      <Button onClick={retry}>Try now</Button>
    </div>
  )
}

const creations = {
  'New destination': '/destinations/new',
  'New subscription': '/subscriptions/new',
  'New contact': '/contacts/new',
  'New endpoint': '/endpoints/new',
  'New workspace': '/settings?workspace=new',
} as const

function useGeneralCommands(): void {
  const { commands, preferences } = useServices()
  const { workspace, workspaces } = useWorkspace()
  const [, go] = useLocation()
  useCommands([
    ...places.map((place) => ({
      id: `go ${place.path}`,
      label: `Go to ${place.label}`,
      group: 'Go',
      key: place.key,
      run: () => go(place.path),
    })),
    ...themes.map((theme) => ({
      id: `theme ${theme}`,
      label: theme === 'system' ? 'Theme of the system' : `${theme === 'light' ? 'Light' : 'Dark'} theme`,
      group: 'View',
      run: () => preferences.getState().setTheme(theme),
    })),
    ...workspaces
      .filter(({ id }) => id !== workspace?.id)
      .map(({ id, name }) => ({
        id: `workspace ${id}`,
        label: `Switch to the workspace ${visible(name)}`,
        group: 'Workspace',
        run: () => preferences.getState().setWorkspace(id),
      })),
    ...Object.entries(creations).map(([label, path]) => ({
      id: label,
      label,
      group: 'Create',
      run: () => go(path),
    })),
    { id: 'compose', label: 'Send an event', group: 'Create', key: 'n', run: () => go('/events/new') },
    {
      id: 'keys',
      label: 'Show all keys',
      group: 'View',
      key: '?',
      run: () => commands.getState().showShortcuts(true),
    },
  ])
}
