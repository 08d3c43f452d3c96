import { describe, expect, it } from 'vitest'
import type { CaptureSummary } from '../../../src-shared/model/capture.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { capture as storedCapture } from '../storage/records.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

function rawRequest(body: string | Buffer, headers: readonly string[] = [], target = '/in/inbox'): Buffer {
  const bytes = Buffer.from(body)
  const lines = ['Host: x', ...headers, `Content-Length: ${bytes.length}`]
  return Buffer.concat([Buffer.from(`POST ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), bytes])
}

async function capture({ call }: TestHost, ...requests: readonly Buffer[]): Promise<CaptureSummary[]> {
  const { items } = await call('captures.import', {
    requests: requests.map((raw) => ({ raw_base64: raw.toString('base64') })),
  })
  return items
}

const found = async ({ call }: TestHost, q: string): Promise<string[]> =>
  (await call('captures.list', { q })).items.map(({ target }) => target)

describe('searching captures', () => {
  it('finds words of target, headers and text bodies, by their beginnings and in any case', async () => {
    const host = await startTestHost()
    await capture(
      host,
      rawRequest('{"name":"Ada Lovelace"}', [], '/in/one'),
      rawRequest('{"name":"Grace Hopper"}', ['X-Trace: blue-whale-42'], '/in/two'),
      rawRequest(Buffer.from([0, 1, 2, ...Buffer.from('Lovelace')]), [], '/in/binary'),
    )
    expect(await found(host, 'lovelace')).toEqual(['/in/one'])
    expect(await found(host, 'LOVE')).toEqual(['/in/one'])
    expect(await found(host, 'blue-whale')).toEqual(['/in/two'])
    expect(await found(host, '/in/two')).toEqual(['/in/two'])
    expect(await found(host, 'name')).toEqual(['/in/two', '/in/one'])
    expect(await found(host, 'name hopper')).toEqual(['/in/two'])
    expect(await found(host, '"Ada Lovelace"')).toEqual(['/in/one'])
    expect(await found(host, '"Lovelace Ada"')).toEqual([])
    expect(await found(host, '"Love"')).toEqual([])
  })

  it('finds what came after the first search, and what was noted on a capture', async () => {
    const host = await startTestHost()
    expect(await found(host, 'zebra')).toEqual([])
    const [made] = await capture(host, rawRequest('zebra', [], '/in/late'))
    expect(await found(host, 'zebra')).toEqual(['/in/late'])
    if (made === undefined) throw new Error('nothing was captured')
    await host.call('captures.change', { id: made.id, note: 'look at the giraffe' })
    expect(await found(host, 'giraffe')).toEqual(['/in/late'])
    expect(await found(host, 'zebra')).toEqual(['/in/late'])
  })

  it('goes together with other filters, and leaves out what was removed', async () => {
    const host = await startTestHost()
    const [first, second] = await capture(
      host,
      rawRequest('needle', [], '/in/a'),
      rawRequest('needle', [], '/in/b'),
    )
    if (first === undefined || second === undefined) throw new Error('nothing was captured')
    await host.call('captures.change', { id: first.id, pinned: true })
    const pinned = await host.call('captures.list', { q: 'needle', pinned: true })
    expect(pinned.items.map(({ target }) => target)).toEqual(['/in/a'])
    const { undo_token: token } = await host.call('captures.remove', { q: 'needle', pinned: true })
    expect(await found(host, 'needle')).toEqual(['/in/b'])
    await host.call('undo.run', { token })
    expect((await found(host, 'needle')).toSorted()).toEqual(['/in/a', '/in/b'])
  })

  it('finds what was brought back, also when the index was made while it was away', async () => {
    const host = await startTestHost()
    const [first] = await capture(host, rawRequest('needle', [], '/in/a'), rawRequest('needle', [], '/in/b'))
    const { undo_token: token } = await host.call('captures.delete', { id: first?.id ?? '' })
    expect(await found(host, 'needle')).toEqual(['/in/b'])
    await host.call('undo.run', { token })
    expect((await found(host, 'needle')).toSorted()).toEqual(['/in/a', '/in/b'])
  })

  it('comes in pages without gap or repeat while more arrive', async () => {
    const host = await startTestHost()
    await capture(host, ...Array.from({ length: 95 }, (_, n) => rawRequest('common', [], `/in/${n}`)))
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await host.call('captures.list', { q: 'common', limit: 20, cursor })
      seen.push(...page.items.map(({ target }) => target))
      cursor = page.next_cursor ?? undefined
      await capture(host, rawRequest('common', [], '/in/later'))
    } while (cursor !== undefined)
    expect(seen).toEqual(Array.from({ length: 95 }, (_, n) => `/in/${94 - n}`))
  })

  it('over a long history begins with the newest and pages through all of it, each once', async () => {
    const { host, call } = await startTestHost({ dispatch: false })
    for (let from = 1; from <= 3000; from += 500) {
      const changes = Array.from({ length: 500 }, (_, n) => ({
        kind: 'capture.insert' as const,
        capture: storedCapture(from + n, new Uint8Array(), { target: `/in/long?n=${from + n}` }),
      }))
      await host.store.commit(changes)
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await call('captures.list', { q: 'long', limit: 400, cursor })
      seen.push(...page.items.map(({ target }) => target))
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, n) => `/in/long?n=${3000 - n}`))
  })

  it.each([
    ['an open quote', 'a "b c'],
    ['nothing but signs', '*** --- ()'],
    ['too many words', 'w '.repeat(30)],
    ['more than fits', 'x'.repeat(300)],
  ])('abuse 40: %s is a clear 400', async (_, q) => {
    const host = await startTestHost()
    await expect(host.call('captures.list', { q })).rejects.toMatchObject({
      status: 400,
      fields: [{ path: 'q' }],
    })
  })

  it.each([
    'NEAR/2',
    'qq OR yy',
    'words:qq',
    '-minus',
    'qq* yy*',
    '(qq',
    'qq)',
    "'; DROP TABLE captures",
    '^qq',
    'ä\u0000qq',
  ])('abuse 40: the index’s own syntax is only text: %s', async (q) => {
    const host = await startTestHost()
    await capture(host, rawRequest('something else'))
    expect(await found(host, q)).toEqual([])
  })
})

describe('searching deliveries', () => {
  it('finds ids, payloads, answers and errors, also of later attempts', async () => {
    await using receiver = await startTestReceiver()
    receiver.replyOnce(500, { body: 'database exploded' })
    receiver.reply(200, { body: 'all merry now' })
    const host = await startTestHost()
    const { workspaceId } = await setUp(host, 'leadpush', {
      url_template: `${receiver.url}/orders`,
      retry_policy: { delays_seconds: [], jitter: 0 },
    })
    const id = await raiseOne(host, {
      workspace_id: workspaceId,
      type: 'contact.created',
      data: { marker: 'xylophone' },
    })
    const delivery = await host.until(id, 'failed')
    const ids = async (q: string): Promise<string[]> =>
      (await host.call('deliveries.list', { q })).items.map((item) => item.id)
    for (const q of ['xylophone', 'exploded', 'orders', id, delivery.providerDeliveryId, 'contact.created'])
      expect(await ids(q), q).toEqual([id])
    await host.call('deliveries.retry', { id })
    await host.until(id, 'succeeded')
    expect(await ids('merry')).toEqual([id])
    expect(await ids('nowhere')).toEqual([])
  })
})
