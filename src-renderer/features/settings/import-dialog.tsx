import { useCallback, useEffect, useState } from 'react'
import type { ImportPlan, PlanEntry } from '../../../src-shared/api/contract/transfer.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { CheckField, TextField } from '../../parts/field.tsx'
import { Loading, Notice } from '../../parts/notice.tsx'
import { count, visible } from '../../parts/words.ts'
import { fieldsOf, sentenceOf } from '../../stores/problem.ts'
import { DraftNotice } from '../draft-notice.tsx'
import { useDraft } from '../use-draft.ts'

const typingMs = 400

const nothingTyped = { prune: false, passphrase: '', values: {} as Readonly<Record<string, string>> }

/** What an import would change, before it is applied: whole or not at all. */
export function ImportDialog({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  const { call, toasts } = useServices()
  const draft = useDraft(`import ${text}`, nothingTyped)
  const { prune, passphrase, values } = draft.value
  const [asked, setAsked] = useState<readonly string[]>([])
  const [plan, setPlan] = useState<ImportPlan | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const run = useCallback(
    (dryRun: boolean) =>
      call('configuration.import', {
        text,
        prune,
        dry_run: dryRun,
        secrets: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')),
        ...(passphrase === '' ? {} : { passphrase }),
      }),
    [call, text, prune, passphrase, values],
  )
  /** Names stay once they were asked for: with its value a name is no longer missing. */
  const ask = useCallback(
    (names: readonly string[]): void =>
      setAsked((before) => [...before, ...names.filter((name) => !before.includes(name))]),
    [],
  )
  useEffect(() => {
    let wanted = true
    const timer = setTimeout(() => {
      run(true).then(
        (found) => {
          if (!wanted) return
          setPlan(found)
          setProblem(null)
          ask(found.unresolved)
        },
        (error: unknown) => {
          if (!wanted) return
          const missing = missingOf(error)
          setPlan(null)
          setProblem(missing.length === 0 ? sentenceOf(error) : missingText)
          ask(missing)
        },
      )
    }, typingMs)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [run, ask])
  const apply = (): void => {
    run(false).then(
      ({ counts }) => {
        toasts.getState().show({
          text: `Imported: ${counts.create} created, ${counts.change} changed, ${counts.delete} deleted`,
        })
        draft.done()
        onClose()
      },
      (error: unknown) => setProblem(sentenceOf(error)),
    )
  }
  const changes = plan === null ? 0 : plan.counts.create + plan.counts.change + plan.counts.delete
  return (
    <Dialog title="Import a configuration" onClose={onClose} wide>
      <div className="form">
        <DraftNotice draft={draft} />
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        <CheckField
          label="Delete what the file doesn't have"
          checked={prune}
          onChange={(event) => draft.set({ prune: event.target.checked })}
        />
        <TextField
          label="Passphrase"
          type="password"
          help="Needed when the file's secrets are encrypted."
          value={passphrase}
          onChange={(event) => draft.set({ passphrase: event.target.value })}
        />
        {asked.length > 0 && (
          <fieldset className="secret-values">
            <legend>Values of the file's secrets</legend>
            {asked.map((name) => (
              <TextField
                key={name}
                label={visible(name)}
                type="password"
                value={values[name] ?? ''}
                onChange={(event) => draft.set({ values: { ...values, [name]: event.target.value } })}
              />
            ))}
          </fieldset>
        )}
        {plan === null ? problem === null && <Loading lines={4} /> : <Plan plan={plan} />}
        <footer className="dialog-foot">
          <Button
            onClick={() => {
              draft.done()
              onClose()
            }}
          >
            Cancel
          </Button>
          <Button
            look="primary"
            disabled={plan === null || problem !== null || changes === 0}
            onClick={apply}
          >
            {changes === 0 ? 'Nothing to import' : `Apply ${count(changes, 'change', 'changes')}`}
          </Button>
        </footer>
      </div>
    </Dialog>
  )
}

const missingText =
  'The file makes something new that needs secrets: type in their values below. They are kept encrypted.'

/** The names of secrets without which nothing can be imported. */
function missingOf(error: unknown): string[] {
  if (!(error instanceof AppError) || error.code !== 'secrets_missing') return []
  return fieldsOf(error).map(({ path }) => path.replace(/^secrets\./, ''))
}

function Plan({ plan }: { readonly plan: ImportPlan }) {
  const { counts } = plan
  return (
    <>
      <p>
        <strong>
          {counts.create} to create, {counts.change} to change, {counts.delete} to delete, {counts.unchanged}{' '}
          unchanged
        </strong>
      </p>
      {plan.unresolved.length > 0 && (
        <Notice tone="warn">
          Without a value: {plan.unresolved.map((name) => visible(name)).join(', ')}. What had a secret keeps
          it.
        </Notice>
      )}
      <ul className="plan" aria-label="Plan">
        {plan.plan
          .filter(({ action }) => action !== 'unchanged')
          .map((entry, index) => (
            <PlanLine key={index} entry={entry} />
          ))}
      </ul>
    </>
  )
}

function PlanLine({ entry }: { readonly entry: PlanEntry }) {
  const { action, kind, name, changes, waiting_deliveries: waiting } = entry
  return (
    <li>
      <span className={`plan-action ${action}`}>{action}</span> {kind}{' '}
      <span className="strong">{visible(name)}</span>
      {waiting > 0 && (
        <span className="warn"> {count(waiting, 'delivery waits', 'deliveries wait')} and will fail</span>
      )}
      {action === 'change' && (
        <ul className="plan-changes mono">
          {changes.map(({ path, before, after }) => (
            <li key={path}>
              {visible(path)}: <del>{visible(shown(before))}</del> → <ins>{visible(shown(after))}</ins>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
