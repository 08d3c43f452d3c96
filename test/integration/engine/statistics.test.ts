import { expect, it } from 'vitest'
import { raiseOne, setUp } from '../../support/builders.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

async function sums(host: TestHost) {
  const { minutes, attempt_ms: durations } = await host.call('statistics.get', {})
  const sum = { succeeded: 0, retrying: 0, failed: 0, unsigned: 0 }
  for (const { deliveries, captures } of minutes) {
    sum.succeeded += deliveries.succeeded
    sum.retrying += deliveries.retrying
    sum.failed += deliveries.failed
    sum.unsigned += captures.unsigned
  }
  return { ...sum, durations }
}

it('statistics tell what came of deliveries and captures, after a removal and after a restart too', async () => {
  await using receiver = await startTestReceiver()
  const host = await startTestHost({ capture: { host: '127.0.0.1', port: 0 } })
  const { workspaceId } = await setUp(host, 'leadhub', {
    url_template: receiver.url,
    retry_policy: { delays_seconds: [0.001], jitter: 0 },
  })
  expect(await sums(host)).toEqual({ succeeded: 0, retrying: 0, failed: 0, unsigned: 0, durations: null })
  receiver.replyOnce(500)
  const id = await raiseOne(host, { workspace_id: workspaceId, type: 'lead.created' })
  await host.until(id, 'succeeded')
  const other = await raiseOne(host, { workspace_id: workspaceId, type: 'lead.created' })
  await host.until(other, 'succeeded')
  await fetch(`${host.host.receiver.url}/in/inbox`, { method: 'POST', body: 'x' })
  await host.untilEvent(({ kind }) => kind === 'capture')
  const [capture] = (await host.call('captures.list', {})).items
  await host.call('captures.change', { id: capture?.id ?? '', pinned: true })
  expect(await sums(host)).toMatchObject({ succeeded: 2, retrying: 1, failed: 0, unsigned: 1 })
  await host.call('deliveries.delete', { id: other })
  const { durations, ...counted } = await sums(host)
  expect(counted).toEqual({ succeeded: 2, retrying: 1, failed: 0, unsigned: 1 })
  expect(durations?.p99).toBeGreaterThan(0)
  const again = await host.restart()
  // Of before the start the history tells: each delivery once, with what came of it in the end.
  const later = await sums(again)
  expect(later).toMatchObject({ succeeded: 1, retrying: 0, failed: 0, unsigned: 1 })
  expect(later.durations?.p50).toBeGreaterThan(0)
})
