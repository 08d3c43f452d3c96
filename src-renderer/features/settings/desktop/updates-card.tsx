import { useState, type FormEvent } from 'react'
import type { DesktopPreferences, UpdateState } from '../../../../src-shared/desktop/desktop-contract.ts'
import { Button } from '../../../parts/button.tsx'
import { CheckField, TextField } from '../../../parts/field.tsx'
import { Notice } from '../../../parts/notice.tsx'
import { visible } from '../../../parts/words.ts'
import type { DesktopStore } from '../../../stores/desktop-store.ts'
import { fieldsOf, sentenceOf } from '../../../stores/problem.ts'

/** Whether a newer version is looked for, and where; off unless wanted. */
export function UpdatesCard({
  desktop,
  preferences,
  updates,
}: {
  readonly desktop: DesktopStore
  readonly preferences: DesktopPreferences
  readonly updates: UpdateState
}) {
  const { check_for_updates: wanted, update_feed_url: kept } = preferences
  const [url, setUrl] = useState(kept)
  const [wrong, setWrong] = useState<string | undefined>(undefined)
  const [problem, setProblem] = useState<string | null>(null)
  const run = async (work: Promise<void>): Promise<void> => {
    try {
      await work
      setWrong(undefined)
      setProblem(null)
    } catch (error) {
      const field = fieldsOf(error).find(({ path }) => path === 'update_feed_url')
      setWrong(field?.message)
      setProblem(field === undefined ? sentenceOf(error) : null)
    }
  }
  const { change, update } = desktop.getState()
  const save = (event: FormEvent): void => {
    event.preventDefault()
    void run(change({ update_feed_url: url.trim() }))
  }
  const busy = updates.status === 'checking' || updates.status === 'downloading'
  return (
    <section className="card" aria-label="Updates">
      <header className="card-head">
        <h2>Updates</h2>
      </header>
      <form className="pad form" noValidate onSubmit={save}>
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        <CheckField
          label="Look for updates"
          help="At each start, at the feed below and nowhere else. Off: nothing is asked."
          checked={wanted}
          onChange={(event) => void run(change({ check_for_updates: event.target.checked }))}
        />
        <TextField
          label="Update feed"
          type="url"
          placeholder="https://…"
          help="The folder that holds latest.yml and its kin."
          value={url}
          problem={wrong}
          onChange={(event) => setUrl(event.target.value)}
        />
        {updates.status === 'failed' ? (
          <Notice tone="warn">
            It did not work: {visible(updates.problem ?? 'the feed gave no reason.')}
          </Notice>
        ) : (
          <p className="help" role="status">
            {stateText(updates)}
          </p>
        )}
        <div className="form-foot">
          <Button type="submit" look="primary" disabled={url.trim() === kept}>
            Save the feed
          </Button>
          <Button disabled={!wanted || kept === '' || busy} onClick={() => void run(update('check'))}>
            Check now
          </Button>
          {updates.status === 'ready' && (
            <Button onClick={() => void run(update('install'))}>
              Install {visible(updates.version ?? '')} and start again
            </Button>
          )}
        </div>
      </form>
    </section>
  )
}

function stateText({ status, version }: UpdateState): string {
  switch (status) {
    case 'off':
      return 'Updates are not looked for.'
    case 'idle':
      return 'Not looked for yet.'
    case 'checking':
      return 'Asking the feed …'
    case 'none':
      return 'This is the newest version.'
    case 'downloading':
      return `Version ${visible(version ?? '')} is being loaded …`
    case 'ready':
      return `Version ${visible(version ?? '')} is ready to be installed.`
    case 'failed':
      return ''
  }
}
