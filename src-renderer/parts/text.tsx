import { useSyncExternalStore } from 'react'
import { ago, exact, visible } from './words.ts'

/** Text from outside: inert, isolated in its direction, with nothing invisible left in it. */
export function Captured({
  children,
  className,
}: {
  readonly children: string
  readonly className?: string
}) {
  return (
    <bdi className={className} title={children.length > 24 ? visible(children) : undefined}>
      {visible(children)}
    </bdi>
  )
}

let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null

// One clock for all times on the page.
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer)
      timer = null
    }
  }
}

/** The time, once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** How long ago; the exact time with its zone on hover. */
export function Time({ at }: { readonly at: string }) {
  // The text is what is compared: an hour-old row has nothing to do each second.
  const text = useSyncExternalStore(subscribe, () => ago(at, Math.max(now, Date.parse(at))))
  return (
    <time dateTime={at} title={exact(at)}>
      {text}
    </time>
  )
}

export function ExactTime({ at }: { readonly at: string }) {
  return <time dateTime={at}>{exact(at)}</time>
}

/** Time until then, counted down. @param coarse without the lesser unit, where there is little room */
export function Countdown({ to, coarse = false }: { readonly to: string; readonly coarse?: boolean }) {
  const seconds = Math.ceil((Date.parse(to) - useNow()) / 1000)
  if (seconds <= 0) return <>any moment</>
  if (seconds < 60) return <>in {seconds} s</>
  const [amount, unit, rest, lesser] =
    seconds < 3600
      ? [Math.floor(seconds / 60), 'min', seconds % 60, 's']
      : [Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min']
  return (
    <>
      in {amount} {unit}
      {!coarse && ` ${rest} ${lesser}`}
    </>
  )
}
