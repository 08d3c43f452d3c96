import {
  ArrowUpRight,
  Bell,
  Inbox,
  LayoutDashboard,
  Link2,
  Settings,
  Target,
  Users,
  Webhook,
  Zap,
  type LucideIcon,
} from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import { Button } from '../parts/button.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { number } from '../parts/words.ts'
import { sentenceOf } from '../stores/problem.ts'
import { useCommands } from './keyboard.ts'
import { useServices, useWorkspace } from './services.ts'

export interface Place {
  readonly path: string
  readonly label: string
  readonly icon: LucideIcon
  /** The key that leads there. */
  readonly key: string
}

export const places: readonly Place[] = [
  { path: '/', label: 'Overview', icon: LayoutDashboard, key: '1' },
  { path: '/events', label: 'Events', icon: Zap, key: '2' },
  { path: '/deliveries', label: 'Deliveries', icon: ArrowUpRight, key: '3' },
  { path: '/captures', label: 'Captures', icon: Inbox, key: '4' },
  { path: '/destinations', label: 'Destinations', icon: Target, key: '5' },
  { path: '/subscriptions', label: 'Subscriptions', icon: Bell, key: '6' },
  { path: '/contacts', label: 'Contacts', icon: Users, key: '7' },
  { path: '/endpoints', label: 'Endpoints', icon: Link2, key: '8' },
  { path: '/settings', label: 'Settings', icon: Settings, key: '9' },
]

/** Where one can go, which workspace is meant, and how the engine is. */
export function Navigation() {
  const [path] = useLocation()
  const { preferences } = useServices()
  const { workspace, provider, workspaces } = useWorkspace()
  return (
    <nav className="navigation" aria-label="Screens">
      <div className="brand">
        <Webhook size={18} aria-hidden="true" />
        <span>Hookbench</span>
      </div>
      <label className="workspace">
        <span className="visually-hidden">Workspace</span>
        <select
          className="input"
          value={workspace?.id ?? ''}
          onChange={(event) => preferences.getState().setWorkspace(event.target.value)}
        >
          {workspaces.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <span className="quiet workspace-provider">{provider?.name}</span>
      </label>
      <ul className="places">
        {places.map((place) => {
          const here = place.path === '/' ? path === '/' : path.startsWith(place.path)
          return (
            <li key={place.path}>
              <Link
                href={place.path}
                className="place"
                // In a narrow window only the icon is there.
                title={`${place.label} (${place.key})`}
                aria-current={here ? 'page' : undefined}
              >
                <place.icon size={16} aria-hidden="true" />
                {place.label}
              </Link>
            </li>
          )
        })}
      </ul>
      <EngineState />
    </nav>
  )
}

function EngineState() {
  const { connection } = useServices()
  const health = useStore(connection, ({ health }) => health)
  const paused = health?.dispatcher.paused ?? false
  const setPaused = useSetPaused()
  useCommands([
    {
      id: 'sending',
      label: paused ? 'Resume sending' : 'Pause sending',
      group: 'Sending',
      run: () => setPaused(!paused),
    },
  ])
  if (health === null) return <div className="engine" />
  const { receiver, dispatcher, storage } = health
  return (
    <section className="engine" aria-label="State of the engine">
      <div className="engine-line">
        <span className={`dot ${receiver.listening ? 'good' : 'bad'}`} aria-hidden="true" />
        <span>{receiver.listening ? 'Receiver is listening' : 'Receiver is not listening'}</span>
      </div>
      {receiver.url === null ? (
        <p className="problem">{receiver.problem}</p>
      ) : (
        <div className="engine-address">
          <span className="mono">{receiver.url.replace('http://', '')}</span>
          <CopyButton text={receiver.url} label="Copy the receiver's address" />
        </div>
      )}
      {paused && (
        <div className="engine-line">
          <span className="dot warn" aria-hidden="true" />
          <span className="engine-paused">Sending paused</span>
          <Button aria-label="Resume sending" onClick={() => setPaused(false)}>
            Resume
          </Button>
        </div>
      )}
      <div className="engine-line quiet">
        <span className={`dot ${dispatcher.in_flight > 0 ? 'busy' : 'off'}`} aria-hidden="true" />
        {number(dispatcher.waiting)} waiting, {number(dispatcher.in_flight)} being sent
      </div>
      {!storage.writable && <p className="problem">{storage.problem}</p>}
      {!health.secrets_available && (
        <p className="problem">
          Secrets can't be read: see <Link href="/settings">Settings</Link>
        </p>
      )}
    </section>
  )
}

/** Holds all sending, or lets it go on. */
function useSetPaused(): (paused: boolean) => void {
  const { call, connection, toasts } = useServices()
  return (paused) => {
    call('settings.change', { sending_paused: paused }).then(
      () => connection.getState().refreshHealth(),
      (error: unknown) => toasts.getState().show({ tone: 'bad', text: sentenceOf(error) }),
    )
  }
}
