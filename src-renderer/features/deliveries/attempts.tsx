import { useState } from 'react'
import type { AttemptView, DeliveryView } from '../../../src-shared/model/delivery.ts'
import { HeadersTable } from '../../parts/headers-table.tsx'
import { HttpStatus } from '../../parts/status.tsx'
import { Countdown, ExactTime } from '../../parts/text.tsx'
import { duration, visible } from '../../parts/words.ts'
import { phases, phaseTimes } from './phases.ts'

/** Every try with where its time went, one bar below the other on a common scale. */
export function Attempts({ delivery }: { readonly delivery: DeliveryView }) {
  const { attempts, next_attempt_at: next } = delivery
  const [open, setOpen] = useState<number | null>(null)
  if (attempts.length === 0) return <p className="quiet pad">No attempt was made yet.</p>
  const longest = Math.max(1, ...attempts.map((attempt) => attempt.duration_ms))
  return (
    <>
      <ol className="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.number}>
            <button
              type="button"
              className="attempt"
              aria-expanded={open === attempt.number}
              onClick={() => setOpen(open === attempt.number ? null : attempt.number)}
            >
              <span className="attempt-number">{attempt.number}</span>
              <HttpStatus of={attempt.response_status} />
              <Waterfall attempt={attempt} longest={longest} />
              <span className="attempt-time">{duration(attempt.duration_ms)}</span>
            </button>
            {attempt.error !== null && <p className="attempt-error">{visible(attempt.error.message)}</p>}
            {open === attempt.number && <AttemptMore attempt={attempt} />}
          </li>
        ))}
        {next !== null && (
          <li className="attempt-next quiet">
            Attempt {delivery.attempt_count + 1} follows <Countdown to={next} />.
          </li>
        )}
      </ol>
      <ul className="legend" aria-label="Colours of the bars">
        {phases.map((phase) => (
          <li key={phase.id}>
            <span className={`swatch ${phase.id}`} aria-hidden="true" />
            {phase.label}
          </li>
        ))}
      </ul>
    </>
  )
}

function Waterfall({ attempt, longest }: { readonly attempt: AttemptView; readonly longest: number }) {
  const times = phaseTimes(attempt)
  const words = phases
    .filter(({ id }) => times[id] > 0)
    .map(({ id, label }) => `${label} ${duration(times[id])}`)
  return (
    <span className="waterfall" title={words.join(', ')}>
      {phases.map(({ id }) => (
        <span
          key={id}
          className={`waterfall-part ${id}`}
          style={{ width: `${(times[id] / longest) * 100}%` }}
        />
      ))}
      <span className="visually-hidden">{words.join(', ')}</span>
    </span>
  )
}

function AttemptMore({ attempt }: { readonly attempt: AttemptView }) {
  return (
    <div className="attempt-more">
      <p className="quiet">
        <ExactTime at={attempt.started_at} />
      </p>
      <p className="request-line">
        <strong>{visible(attempt.method)}</strong> <bdi className="mono">{visible(attempt.url)}</bdi>
      </p>
      {attempt.redirected_to.length > 0 && (
        <p className="quiet">Redirected to {attempt.redirected_to.map((url) => visible(url)).join(', ')}</p>
      )}
      <h3>Sent headers</h3>
      <HeadersTable headers={attempt.request_headers} label={`Headers of attempt ${attempt.number}`} />
      {attempt.response_status !== null && (
        <>
          <h3>Answered headers</h3>
          <HeadersTable headers={attempt.response_headers} label={`Answer to attempt ${attempt.number}`} />
          {attempt.response_excerpt !== '' && (
            <pre className="excerpt">{visible(attempt.response_excerpt.slice(0, 4000), true)}</pre>
          )}
        </>
      )}
    </div>
  )
}
