import type { OperationInput } from '../../../src-shared/api/contract.ts'
import type { CaptureId, DeliveryId } from '../../../src-shared/model/ids.ts'
import type { ReplayView } from '../../../src-shared/model/replay.ts'
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts'
import { exchangeRaw } from '../../support/raw-client.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver, type TestReceiver } from '../../support/test-receiver.ts'

/** A host that captures, and a receiver to replay to. */
export interface ReplayBench extends AsyncDisposable {
  readonly test: TestHost
  readonly clock: FakeClock
  readonly receiver: TestReceiver
  /** Sends these bytes to the capture receiver. */
  capture(bytes: string | Uint8Array): Promise<CaptureId>
  /** So many captures with the bodies `0`, `1`, …, `everyMs` apart. */
  captures(count: number, everyMs?: number): Promise<CaptureId[]>
}

export async function replayBench(): Promise<ReplayBench> {
  const receiver = await startTestReceiver()
  const clock = createFakeClock()
  const test = await startTestHost({ clock, capture: { host: '127.0.0.1', port: 0 } })
  const capture: ReplayBench['capture'] = async (bytes) => {
    const port = Number(new URL(test.host.receiver.url ?? '').port)
    await exchangeRaw(port, bytes)
    const { items } = await test.call('captures.list', { limit: 1 })
    const [newest] = items
    if (newest === undefined) throw new Error('nothing was captured')
    return newest.id
  }
  return {
    test,
    clock,
    receiver,
    capture,
    async captures(count, everyMs = 0) {
      const ids: CaptureId[] = []
      for (let n = 0; n < count; n += 1) {
        const { items } = await test.call('captures.import', { requests: [raw(`${n}`)] })
        for (const { id } of items) ids.push(id)
        if (everyMs > 0) await clock.advance(everyMs)
      }
      return ids
    },
    [Symbol.asyncDispose]: () => receiver.close(),
  }
}

function raw(body: string): { raw_base64: string } {
  const text = `POST /in/inbox HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  return { raw_base64: Buffer.from(text).toString('base64') }
}

/** Makes a replay of captures and gives its only delivery's id. */
export async function replayOne(
  { call }: Pick<TestHost, 'call'>,
  input: OperationInput<'replays.create'>,
): Promise<DeliveryId> {
  const { deliveries } = await call('replays.create', input)
  const [delivery] = deliveries
  if (delivery === undefined || deliveries.length !== 1) throw new Error('one delivery was expected')
  return delivery.id
}

/** Resolves when nothing of the replay waits any more. */
export async function untilOver(test: TestHost, id: ReplayView['id']): Promise<ReplayView> {
  await test.untilEvent(
    (event) => event.kind === 'replay' && event.replay.id === id && event.counts.waiting === 0,
  )
  return test.call('replays.get', { id })
}
