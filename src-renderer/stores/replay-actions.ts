import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput } from '../../src-shared/api/contract.ts'
import type { ReplayId } from '../../src-shared/model/ids.ts'
import type { ReplayView } from '../../src-shared/model/replay.ts'
import { count } from '../parts/words.ts'
import type { Feed } from './feed.ts'
import { sentenceOf } from './problem.ts'
import type { Toasts } from './toasts-store.ts'

export type ReplayInput = OperationInput<'replays.create'>

/**
 * Sends again, shows how far it has come, and ends with a summary.
 * @returns once the replay is on disk. @throws AppError with the fields it concerns
 */
export type StartReplay = (input: ReplayInput, show: (id: ReplayId) => void) => Promise<void>

export function createStartReplay(client: Client, feed: Feed, toasts: Toasts): StartReplay {
  const { show: toast, change, dismiss } = toasts.getState()
  return async (input, show) => {
    const { id, deliveries } = await client.call('replays.create', input)
    const cancel = (): void => {
      client
        .call('replays.cancel', { id })
        .catch((error: unknown) => toast({ text: sentenceOf(error), tone: 'bad' }))
    }
    const progress = toast({
      text: `Sending ${count(deliveries.length, 'request', 'requests')} again …`,
      progress: 0,
      action: deliveries.length > 1 ? { label: 'Cancel', run: cancel } : null,
    })
    let ended = false
    const end = (replay: ReplayView): void => {
      if (ended) return
      ended = true
      stop()
      dismiss(progress)
      toast({
        text: summaryOf(replay),
        tone: replay.failed > 0 ? 'bad' : 'plain',
        action: { label: 'Show', run: () => show(id) },
      })
    }
    const take = (replay: ReplayView): void => {
      if (replay.status !== 'running') end(replay)
      else change(progress, { progress: (replay.total - replay.waiting) / replay.total })
    }
    const ask = (): void => {
      // What is missed here comes with the next event, or with the reset after a lost connection.
      client.call('replays.get', { id }).then(take, () => undefined)
    }
    const stop = feed.listen((messages) => {
      const latest = messages.findLast((message) => message.event === 'replay' && message.data.id === id)
      if (latest?.event === 'replay') take(latest.data)
      else if (messages.some((message) => message.event === 'reset')) ask()
    })
    ask()
  }
}

/** `3 sent again: 2 succeeded, 1 failed`. */
function summaryOf({ total, succeeded, failed, cancelled }: ReplayView): string {
  const parts = [
    `${succeeded} succeeded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
  ]
  return `${count(total, 'request', 'requests')} sent again: ${parts.join(', ')}`
}
