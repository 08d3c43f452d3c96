import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Client } from '../../src-shared/api/client.ts'
import type { Health } from '../../src-shared/api/contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { CaptureSummary } from '../../src-shared/model/capture.ts'
import type { DeliverySummary } from '../../src-shared/model/delivery.ts'

/** What the overview shows. */
export interface OverviewState {
  readonly health: Health | null
  readonly deliveries: readonly DeliverySummary[]
  readonly captures: readonly CaptureSummary[]
  /** What went wrong with the last call, as a sentence. */
  readonly problem: string | null
  readonly refresh: () => Promise<void>
  /** Raises contact.updated in the first workspace. */
  readonly sendSample: () => Promise<void>
}

const shown = 20

export function createOverviewStore(client: Client): StoreApi<OverviewState> {
  return createStore<OverviewState>((set, get) => {
    const guarded = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        set({ problem: sentence(error) })
      }
    }
    return {
      health: null,
      deliveries: [],
      captures: [],
      problem: null,
      refresh: () =>
        guarded(async () => {
          const [health, deliveries, captures] = await Promise.all([
            client.call('health.get', {}),
            client.call('deliveries.list', { limit: shown }),
            client.call('captures.list', { limit: shown }),
          ])
          set({ health, deliveries: deliveries.items, captures: captures.items, problem: null })
        }),
      sendSample: () =>
        guarded(async () => {
          const [workspace] = (await client.call('workspaces.list', {})).items
          if (workspace === undefined)
            throw new AppError('conflict', { message: 'There is no workspace to send from.' })
          await client.call('events.raise', { workspace_id: workspace.id, type: 'contact.updated' })
          await get().refresh()
        }),
    }
  })
}

function sentence(error: unknown): string {
  if (error instanceof AppError && error.code === 'unauthorized') {
    return 'This page is not logged in: open it with the link that `hookbench open` prints.'
  }
  if (error instanceof AppError) return error.message
  return 'Hookbench does not answer: is `hookbench serve` still running?'
}
