import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { StoreApi } from 'zustand/vanilla'
import type { OverviewState } from '../../stores/overview-store.ts'

const refreshEveryMs = 1000

/** State of the engine, and the latest deliveries and captures side by side. */
export function Overview({ store }: { readonly store: StoreApi<OverviewState> }) {
  const { health, deliveries, captures, problem, refresh, sendSample } = useStore(store)
  useEffect(() => {
    void refresh()
    const timer = setInterval(() => void refresh(), refreshEveryMs)
    return () => clearInterval(timer)
  }, [refresh])
  return (
    <main>
      <h1>Hookbench</h1>
      {health !== null && (
        <p className="quiet">
          {health.receiver.url === null ? (
            health.receiver.problem
          ) : (
            <>
              Receiver at <code>{health.receiver.url}/in/…</code>
            </>
          )}
          , {health.dispatcher.waiting} waiting, {health.dispatcher.in_flight} under way
        </p>
      )}
      {problem !== null && (
        <p className="notice" role="alert">
          {problem}
        </p>
      )}
      <p>
        <button type="button" onClick={() => void sendSample()}>
          Send a sample event
        </button>
      </p>
      <div className="panes">
        <section aria-label="Deliveries">
          <h2>Deliveries</h2>
          <table>
            <thead>
              <tr>
                <th>Status</th>
                <th>Event</th>
                <th>Destination</th>
                <th>Attempts</th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((delivery) => (
                <tr key={delivery.id}>
                  <td
                    className={
                      delivery.status === 'succeeded' ? 'good' : delivery.status === 'failed' ? 'bad' : ''
                    }
                  >
                    {delivery.status}
                  </td>
                  <td>{delivery.event_type}</td>
                  <td>{delivery.destination_name}</td>
                  <td>{delivery.attempt_count}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {deliveries.length === 0 && <p className="quiet">Nothing was sent yet.</p>}
        </section>
        <section aria-label="Captures">
          <h2>Captures</h2>
          <table>
            <thead>
              <tr>
                <th>Verdict</th>
                <th>Request</th>
                <th>Event</th>
              </tr>
            </thead>
            <tbody>
              {captures.map((capture) => (
                <tr key={capture.id}>
                  <td
                    className={
                      capture.verdict.status === 'verified'
                        ? 'good'
                        : capture.verdict.status === 'rejected'
                          ? 'bad'
                          : ''
                    }
                  >
                    {capture.verdict.status}
                  </td>
                  <td>
                    {capture.method} {capture.target}
                  </td>
                  <td>{capture.event_type ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {captures.length === 0 && <p className="quiet">Nothing was captured yet.</p>}
        </section>
      </div>
    </main>
  )
}
