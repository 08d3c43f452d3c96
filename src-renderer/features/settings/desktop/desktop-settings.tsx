import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { DesktopState } from '../../../../src-shared/desktop/desktop-contract.ts'
import { Loading, Notice } from '../../../parts/notice.tsx'
import type { DesktopStore } from '../../../stores/desktop-store.ts'
import { sentenceOf } from '../../../stores/problem.ts'
import { AppCard } from './app-card.tsx'
import { KeyCard } from './key-card.tsx'
import { UpdatesCard } from './updates-card.tsx'

/** What only the desktop app has: how its key is kept, how it starts and ends, its updates. */
export function DesktopSettings({ desktop }: { readonly desktop: DesktopStore }) {
  const { state, problem } = useDesktopState(desktop)
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  if (state === null) return <Loading lines={6} />
  return (
    <>
      <KeyCard desktop={desktop} protection={state.key} />
      <AppCard desktop={desktop} state={state} />
      <UpdatesCard desktop={desktop} preferences={state.preferences} updates={state.updates} />
    </>
  )
}

function useDesktopState(desktop: DesktopStore): {
  readonly state: DesktopState | null
  readonly problem: string | null
} {
  const state = useStore(desktop, (all) => all.state)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    desktop
      .getState()
      .refresh()
      .then(
        () => setProblem(null),
        (error: unknown) => setProblem(sentenceOf(error)),
      )
  }, [desktop])
  return { state, problem }
}
