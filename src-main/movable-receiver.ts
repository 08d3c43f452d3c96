import { AppError } from '../src-shared/errors.ts'
import { createReceiver, type Receiver, type ReceiverOptions } from './capture/receiver.ts'
import { createExclusive } from './engine/exclusive.ts'

/**
 * The receiver of a host, which can be moved to another port while it runs:
 *
 * ```
 * absent ─open→ listening ─move→ listening on both ─kept→ listening on the new one
 *          └──→ problem  ─move→ …                └─refused→ as before
 * ```
 */
export interface MovableReceiver {
  /** Where requests can be sent to; null while it doesn't listen. */
  readonly url: string | null
  /** Why it doesn't listen. */
  readonly problem: string | null
  /** Listens for the first time. A port that is taken is a problem, not an error. */
  open(port: number): Promise<void>
  /**
   * Listens on another port, and lets go of the present one when `keep` has kept the choice; requests under way are
   * finished there. 0 is any free port, so a receiver that listens stays.
   * @throws AppError `port_in_use`, `port_unusable`, or what `keep` throws; everything is as before then
   */
  move(port: number, keep: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

const graceMs = 1000

export function createMovableReceiver(
  options: Omit<ReceiverOptions, 'port'>,
  /** It listens somewhere else now. */
  onMoved: (url: string) => Promise<void>,
): MovableReceiver {
  const turns = createExclusive()
  let receiver: Receiver | null = null
  let problem: string | null = null
  const listen = async (port: number): Promise<Receiver> => {
    const made = createReceiver({ ...options, port })
    await made.listen()
    return made
  }
  const moved = async (port: number, keep: () => Promise<void>): Promise<void> => {
    if (receiver !== null && (port === 0 || port === receiver.port)) return keep()
    const next = await listen(port).catch((error: unknown) => {
      throw aboutSetting(error)
    })
    try {
      await keep()
    } catch (error) {
      await next.close({ graceMs: 0 })
      throw error
    }
    const before = receiver
    receiver = next
    problem = null
    await onMoved(next.url)
    await before?.close({ graceMs })
  }
  return {
    get url() {
      return receiver?.url ?? null
    },
    get problem() {
      return problem
    },
    async open(port) {
      try {
        receiver = await listen(port)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const { code, details } = error
        const inSettings = details['option'] === '--host' ? '' : ' or in the settings'
        problem = new AppError(code, { ...details, option: `${details['option']}${inSettings}` }).message
      }
    },
    move: (port, keep) => turns.run('move', () => moved(port, keep)),
    close: () => turns.run('move', async () => receiver?.close({ graceMs })),
  }
}

/** The error under the name of the setting that mends it. */
function aboutSetting(error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  const { code, details } = error
  const message =
    code === 'port_in_use'
      ? `${details['port']} is in use; choose another, or 0 for any free one`
      : `${details['reason']}`
  return new AppError(
    code,
    { ...details, option: 'capture_port' },
    { cause: error, fields: [{ path: 'capture_port', message }] },
  )
}
