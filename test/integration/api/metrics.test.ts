import { expect, it } from 'vitest'
import { setUp, raiseOne } from '../../support/builders.ts'
import { startTestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

/** The samples of a metrics text: value by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

it('metrics count deliveries by outcome, attempts, captures by verdict, the queue and what the disk takes', async () => {
  await using receiver = await startTestReceiver()
  receiver.replyOnce(500)
  const host = await startTestHost({
    api: { host: '127.0.0.1', port: 0, uiFolder: null },
    capture: { host: '127.0.0.1', port: 0 },
  })
  const { workspaceId } = await setUp(host, 'leadhub', {
    url_template: receiver.url,
    retry_policy: { delays_seconds: [], jitter: 0 },
  })
  const failing = await raiseOne(host, { workspace_id: workspaceId, type: 'lead.created' })
  await host.until(failing, 'failed')
  for (let n = 0; n < 3; n += 1) {
    const id = await raiseOne(host, { workspace_id: workspaceId, type: 'lead.created' })
    await host.until(id, 'succeeded')
  }
  await fetch(`${host.host.receiver.url}/in/inbox`, { method: 'POST', body: 'x' })
  await host.untilEvent(({ kind }) => kind === 'capture')
  const answer = await fetch(`${host.host.api?.url}/api/v1/metrics`, {
    headers: { authorization: `Bearer ${host.host.api?.token}` },
  })
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await answer.text()
  const found = samples(text)
  expect(found.get('hookbench_deliveries_total{outcome="succeeded"}')).toBe(3)
  expect(found.get('hookbench_deliveries_total{outcome="failed"}')).toBe(1)
  expect(found.get('hookbench_attempt_duration_seconds_count')).toBe(4)
  expect(found.get('hookbench_attempt_duration_seconds_bucket{le="+Inf"}')).toBe(4)
  expect(found.get('hookbench_captures_total{verdict="unsigned"}')).toBe(1)
  expect(found.get('hookbench_queue_length{state="waiting"}')).toBe(0)
  expect(found.get('hookbench_queue_length{state="in_flight"}')).toBe(0)
  expect(found.get('hookbench_journal_fsync_seconds_count')).toBeGreaterThan(4)
  const again = await host.call('metrics.get', {})
  expect(Buffer.from(again.bytes).toString()).toContain('hookbench_event_loop_delay_seconds{quantile="0.99"}')
  // Every metric says what it is.
  for (const name of ['deliveries_total', 'queue_length', 'journal_fsync_seconds'])
    expect(text).toMatch(new RegExp(`# HELP hookbench_${name} .+\n# TYPE hookbench_${name} \\w+`))
})
