import { expect, it, vi } from 'vitest'
import type { Change } from '../../../src-main/engine/store.ts'
import { createLocalTransport } from '../../../src-shared/api/local-transport.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { capture, succeeded } from '../storage/records.ts'

const rows = 10_000
/** An export reads 200 rows at a time. */
const pages = rows / 200

async function fill(test: TestHost, change: (n: number) => Change): Promise<void> {
  for (let from = 1; from <= rows; from += 1000)
    await test.host.store.commit(Array.from({ length: 1000 }, (_, n) => change(from + n)))
}

const captured = (n: number): Change => ({
  kind: 'capture.insert',
  capture: capture(n, new Uint8Array()),
})

it('an export that is cancelled reads no further', async () => {
  const test = await startTestHost({ dispatch: false })
  await fill(test, (n) => ({ kind: 'delivery.insert', delivery: succeeded(n) }))
  const cancelled = new AbortController()
  const read = test.host.store.deliveries.bind(test.host.store)
  const reads = vi.spyOn(test.host.store, 'deliveries').mockImplementation(async (filter, page) => {
    if (reads.mock.calls.length === 3) cancelled.abort()
    return read(filter, page)
  })
  const call = createLocalTransport(test.host.handlers)
  await expect(call('deliveries.export-list', { format: 'csv' }, cancelled.signal)).rejects.toMatchObject({
    code: 'conflict',
    message: 'The export was cancelled.',
  })
  expect(reads).toHaveBeenCalledTimes(3)
})

it('an export over HTTP whose client went away reads no further, and is no fault', async () => {
  const test = await startTestHost({ dispatch: false, api: { host: '127.0.0.1', port: 0, uiFolder: null } })
  await fill(test, captured)
  const { api } = test.host
  if (api === null) throw new Error('there is no API')
  const client = await connectRaw(api.port)
  const read = test.host.store.captures.bind(test.host.store)
  const reads = vi.spyOn(test.host.store, 'captures').mockImplementation(async (filter, page) => {
    if (reads.mock.calls.length === 3) client.socket.destroy()
    return read(filter, page)
  })
  const url = '/api/v1/export/captures?format=jsonl'
  await client.send(
    `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\nAuthorization: Bearer ${api.token}\r\n\r\n`,
  )
  await vi.waitUntil(() => reads.mock.calls.length >= 3, { timeout: 10_000, interval: 1 })
  // One that is waited for, begun later, reads everything; by its end the first would have, too.
  const whole = await fetch(api.url + url, { headers: { authorization: `Bearer ${api.token}` } })
  expect((await whole.text()).trimEnd().split('\n')).toHaveLength(rows)
  expect(reads.mock.calls.length).toBeLessThan(2 * pages)
  expect(test.log).toEqual([])
})
