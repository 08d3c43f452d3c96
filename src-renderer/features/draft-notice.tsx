import { Button } from '../parts/button.tsx'
import { Notice } from '../parts/notice.tsx'
import { exact, timeOfDay } from '../parts/words.ts'
import type { ShownDraft } from './use-draft.ts'

/** Says that a form shows what was typed before, and when that no longer fits what is saved. */
export function DraftNotice({
  draft: { restoredAt, changedElsewhere, discard },
}: {
  readonly draft: Pick<ShownDraft, 'restoredAt' | 'changedElsewhere' | 'discard'>
}) {
  if (changedElsewhere)
    return (
      <Notice tone="warn" action={<Button onClick={discard}>Discard mine</Button>}>
        This was changed elsewhere since you began to edit it. Saving puts yours in its place.
      </Notice>
    )
  if (restoredAt === null) return null
  const at = new Date(restoredAt).toISOString()
  return (
    <p className="draft-notice quiet">
      <span>
        Unsaved changes of{' '}
        <time dateTime={at} title={exact(at)}>
          {timeOfDay(at)}
        </time>
      </span>
      <Button look="quiet" onClick={discard}>
        Discard
      </Button>
    </p>
  )
}
