import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

const icons = { bad: CircleAlert, warn: TriangleAlert, plain: Info } as const

/** A sentence where it matters, with what to do beside it. */
export function Notice({
  tone = 'plain',
  children,
  action,
}: {
  readonly tone?: keyof typeof icons
  readonly children: ReactNode
  readonly action?: ReactNode
}) {
  const Icon = icons[tone]
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon size={16} aria-hidden="true" />
      <div className="notice-text">{children}</div>
      {action}
    </div>
  )
}

/** What stands where nothing is yet. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <p className="quiet">{children}</p>}
      {action}
    </div>
  )
}

/** Grey bars while something is read; shown only when that takes a moment. */
export function Loading({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div className="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className="loading-bar" />
      ))}
    </div>
  )
}
