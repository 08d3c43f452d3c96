import { onTestFinished } from 'vitest'
import {
  createReceiver,
  type Answer,
  type CaptureHandler,
  type ReceivedRequest,
  type Receiver,
  type ReceiverOptions,
} from '../../../src-main/capture/receiver.ts'
import { systemClock } from '../../../src-main/system-clock.ts'

export interface TestReceiver {
  readonly receiver: Receiver
  readonly port: number
  readonly captures: readonly ReceivedRequest[]
  /** Resolves with all captures as soon as there are `count`. */
  readonly captured: (count: number) => Promise<readonly ReceivedRequest[]>
  /** Resolves with the first capture. */
  readonly first: () => Promise<ReceivedRequest>
}

export const ok: Answer = {
  status: 200,
  headers: [['Content-Type', 'text/plain']],
  body: Buffer.from('kept'),
}

/** A listening receiver that is closed when the test ends. `handle` runs after the capture is noted. */
export async function startReceiver(
  options: Partial<ReceiverOptions> = {},
  handle: CaptureHandler = () => Promise.resolve(ok),
): Promise<TestReceiver> {
  const captures: ReceivedRequest[] = []
  const waiting = new Set<() => void>()
  const receiver = createReceiver({
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    ...options,
    handle: (request) => {
      captures.push(request)
      for (const check of waiting) check()
      return handle(request)
    },
  })
  await receiver.listen()
  onTestFinished(() => receiver.close({ graceMs: 0 }))
  const captured = (count: number): Promise<readonly ReceivedRequest[]> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (captures.length < count) return
        waiting.delete(check)
        resolve(captures)
      }
      waiting.add(check)
      check()
    })
  return {
    receiver,
    port: receiver.port,
    captures,
    captured,
    first: async () => {
      const [capture] = await captured(1)
      if (capture === undefined) throw new Error('nothing captured')
      return capture
    },
  }
}

/** A body's bytes as latin-1 text. */
export function text(body: Uint8Array): string {
  return Buffer.from(body).toString('latin1')
}

/** Something that is opened once from outside: handlers wait for it. */
export function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
