import { describe, expect, it, onTestFinished } from 'vitest'
import type { CaptureSummary } from '../../../src-shared/model/capture.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import type { ReplayView } from '../../../src-shared/model/replay.ts'
import { hookbench, hookbenchAsync } from '../../support/run-command-line.ts'
import { serveInstance, type ServedInstance } from '../../support/served-instance.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

type Replayed = ReplayView & { readonly deliveries: readonly DeliverySummary[] }

const request = (n: number): string =>
  `POST /in/inbox HTTP/1.1\r\nHost: x\r\nX-Leadpush-Delivery: d${n}\r\nContent-Length: 2\r\n\r\n${n}\n`

/** A folder with two captures; the server is stopped at the end. */
async function withCaptures(): Promise<{ instance: ServedInstance; ids: string[] }> {
  const instance = await serveInstance()
  onTestFinished(() => instance.stop().then(() => undefined))
  const ids = [1, 2].flatMap((n) => {
    const imported = hookbench(['captures', 'import', '-', '--json', '--data-dir', instance.folder], {
      input: request(n),
    })
    expect(imported.code, imported.stderr).toBe(0)
    const listed = hookbench(['captures', 'ls', '--limit', '1', '--json', '--data-dir', instance.folder])
    const { items } = JSON.parse(listed.stdout) as { items: CaptureSummary[] }
    return items.map(({ id }) => id)
  })
  return { instance, ids }
}

describe('hookbench replay', () => {
  it('attached to a running instance: sends, waits, and says what came of it', async () => {
    await using receiver = await startTestReceiver()
    const { instance, ids } = await withCaptures()
    receiver.replyOnce(500)
    const given = ['replay', ...ids, '--to', receiver.url, '--wait', '--json', '--data-dir', instance.folder]
    const failed = await hookbenchAsync(given)
    expect(failed.code, failed.stderr).toBe(1)
    const first = JSON.parse(failed.stdout) as Replayed
    expect(first).toMatchObject({ status: 'done', mode: 'exact', total: 2, succeeded: 1, failed: 1 })
    expect(first.deliveries.map(({ status }) => status)).toEqual(['failed', 'succeeded'])
    expect(receiver.requests.map(({ body }) => body.toString())).toEqual(['1\n', '2\n'])

    const resign = ['--resign', '--provider', 'leadpush', '--new-id', '--rate', '50', '--keep-target']
    const resigned = await hookbenchAsync(
      ['replay', ...ids, '--to', receiver.url, ...resign, '--wait', '--data-dir', instance.folder],
      { HOOKBENCH_SECRET: 'from the environment' },
    )
    expect(resigned.code, resigned.stderr).toBe(0)
    expect(resigned.stdout).toMatch(/^replay [0-9a-f-]{36}: 2 of 2 succeeded\n/)
    expect(resigned.stdout).not.toContain('from the environment')
    expect(receiver.requests[2]).toMatchObject({ target: '/in/inbox' })
    const verdict = hookbench(['verify', '-', '--provider', 'leadpush', '--secret', 'from the environment'], {
      input: `POST / HTTP/1.1\r\n${(receiver.requests[2]?.headers ?? [])
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n1\n`,
    })
    expect(verdict.code, verdict.stdout).toBe(0)

    const ofOne = [
      'deliveries',
      'ls',
      '--source-capture',
      ids[0] ?? '',
      '--json',
      '--data-dir',
      instance.folder,
    ]
    const listed = JSON.parse((await hookbenchAsync(ofOne)).stdout) as { items: DeliverySummary[] }
    expect(listed.items.map(({ replay_mode: mode }) => mode)).toEqual(['resigned', 'exact'])

    // Deliveries are named in the same way; a destination by its name.
    const [delivery] = first.deliveries
    const { items } = await instance.client.call('destinations.list', {})
    await instance.client.call('destinations.change', { id: items[0]?.id ?? '', url_template: receiver.url })
    const named = ['replay', delivery?.id ?? '', '--to', items[0]?.name ?? '', '--wait', '--json']
    const again = await hookbenchAsync([...named, '--data-dir', instance.folder])
    expect(again.code, again.stderr).toBe(0)
    expect(JSON.parse(again.stdout)).toMatchObject({
      to: { destination_id: items[0]?.id },
      deliveries: [{ source: { delivery_id: delivery?.id } }],
    })
  })

  it('alone: stores the replay, or with --wait sends it itself', async () => {
    await using receiver = await startTestReceiver()
    const { instance, ids } = await withCaptures()
    const exited = new Promise((resolve) => instance.process.once('exit', resolve))
    instance.process.kill('SIGTERM')
    await exited
    const given = ['replay', ...ids, '--to', receiver.url, '--json', '--data-dir', instance.folder]
    const stored = hookbench(given)
    expect(stored.code, stored.stderr).toBe(0)
    expect(JSON.parse(stored.stdout)).toMatchObject({ sent_later: true, deliveries: [{}, {}] })
    expect(stored.stderr).toContain('goes out at the next')
    expect(receiver.requests).toHaveLength(0)
    const waited = await hookbenchAsync([...given, '--wait'])
    expect(waited.code, waited.stderr).toBe(0)
    expect(JSON.parse(waited.stdout)).toMatchObject({ status: 'done', succeeded: 2 })
    // The one before was waiting, so it went out too.
    expect(receiver.requests).toHaveLength(4)
  })

  it('says what is wrong in one sentence, with exit code 2', async () => {
    const { instance, ids } = await withCaptures()
    const to = ['--to', 'http://127.0.0.1:9/']
    const cases: [string[], RegExp][] = [
      [ids, /required option '--to/],
      [[...ids, '--to', 'nobody'], /There is no destination nobody/],
      [[...ids, '--to', 'ftp://x'], /--to: must start with http/],
      [['nothing', ...to], /There is no capture and no delivery nothing/],
      [[...ids, ...to, '--secret', 's'], /--secret goes with --resign/],
      [[...ids, ...to, '--new-id'], /--new-id goes with --resign/],
      [[...ids, ...to, '--resign', '--provider', 'x'], /--provider: there is no provider "x"/],
      [[...ids, ...to, '--rate', '0'], /A number from 0.001 to 1000/],
      [[...ids, ...to, '--rate', '1', '--as-recorded'], /--rate: .*not both/],
      [[...ids, ...to, '--resign', '--provider', 'leadpush'], /No secret is known/],
    ]
    for (const [given, sentence] of cases) {
      const { code, stdout, stderr } = hookbench(['replay', ...given, '--data-dir', instance.folder])
      expect(code, stderr).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).toMatch(sentence)
      expect(stderr.trim().split('\n').length, stderr).toBeLessThanOrEqual(2)
    }
  })
})
