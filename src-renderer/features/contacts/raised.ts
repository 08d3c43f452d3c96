import { address } from '../../app/location.ts'
import { count } from '../../parts/words.ts'
import type { Toasts } from '../../stores/toasts-store.ts'

/** Says what a change of a contact raised, with the way to its deliveries. */
export function raised(
  toasts: Toasts,
  go: (to: string) => void,
  done: { readonly event_id: string | null; readonly deliveries: readonly { readonly id: string }[] },
): void {
  const { event_id: event, deliveries } = done
  if (event === null) {
    toasts.getState().show({ text: 'Nothing changed, so no event was raised' })
    return
  }
  const sent = deliveries.length === 0 ? 'nobody' : count(deliveries.length, 'destination', 'destinations')
  toasts.getState().show({
    text: `An event was raised for ${sent}`,
    action: { label: 'Show', run: () => go(address('/deliveries', { event })) },
  })
}
