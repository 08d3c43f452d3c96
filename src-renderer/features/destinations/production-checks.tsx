import { Notice } from '../../parts/notice.tsx'
import { visible } from '../../parts/words.ts'

/** What the provider would say about it in production. */
export function ProductionChecks({ checks }: { readonly checks: readonly string[] }) {
  if (checks.length === 0) return null
  return (
    <Notice>
      <strong>Fine here, but not in production</strong>
      <ul className="checks">
        {checks.map((check) => (
          <li key={check}>{visible(check)}</li>
        ))}
      </ul>
    </Notice>
  )
}
