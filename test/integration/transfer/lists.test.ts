import { describe, expect, it } from 'vitest'
import { requestsOfHar } from '../../../src-main/engine/transfer/har-requests.ts'
import { csvLines } from '../../../src-main/engine/transfer/csv.ts'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import type { CaptureSummary } from '../../../src-shared/model/capture.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

async function exported(
  { call }: TestHost,
  of: 'captures' | 'deliveries',
  input: OperationInput<'captures.export-list'> = {},
): Promise<string> {
  const content =
    of === 'captures'
      ? await call('captures.export-list', input)
      : await call('deliveries.export-list', input as OperationInput<'deliveries.export-list'>)
  return Buffer.from(content.bytes).toString('utf8')
}

async function keep(host: TestHost, ...raws: string[]): Promise<void> {
  const requests = raws.map((raw) => ({ raw_base64: Buffer.from(raw, 'latin1').toString('base64') }))
  await host.call('captures.import', { requests })
}

const linesOf = <T>(text: string): T[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

const signed =
  'POST /in/inbox?token=t0psecret HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer b34rer\r\n' +
  'X-Leadpush-Signature: sha256=abcdef\r\nContent-Length: 2\r\n\r\n{}'

describe('lists as files', () => {
  it('captures as JSON lines are what the list answers, newest first, masked unless secrets are asked for', async () => {
    const host = await startTestHost()
    await keep(host, 'GET /first HTTP/1.1\r\nHost: h\r\n\r\n', signed)
    const { items } = await host.call('captures.list', {})
    expect(linesOf(await exported(host, 'captures', { include_secrets: true }))).toEqual(items)
    const text = await exported(host, 'captures')
    for (const secret of ['t0psecret', 'b34rer', 'abcdef']) expect(text).not.toContain(secret)
    const lines = linesOf<CaptureSummary>(text)
    expect(lines.map(({ target }) => target)).toEqual(['/in/inbox?token=*****', '/first'])
    expect(lines[0]?.headers).toContainEqual(['Authorization', '*****'])
    expect(linesOf(await exported(host, 'captures', { method: 'GET' }))).toHaveLength(1)
  })

  it('captures as CSV have a head and a row each; what comes from outside is no formula', async () => {
    const host = await startTestHost()
    await keep(host, signed)
    const [capture] = (await host.call('captures.list', {})).items
    if (capture === undefined) throw new Error('unreachable')
    await host.call('captures.change', { id: capture.id, note: '=HYPERLINK("http://x", "a")\nb' })
    const [head, row, end] = (await exported(host, 'captures', { format: 'csv' })).split('\r\n')
    expect(head?.split(',')).toEqual(expect.arrayContaining(['id', 'target', 'verdict', 'note']))
    expect(row).toContain(`${capture.id},`)
    expect(row).toContain('/in/inbox?token=*****')
    expect(row).toContain(`"'=HYPERLINK(""http://x"", ""a"")\nb"`)
    expect(end).toBe('')
  })

  it('captures as HAR hold the requests of all that are HTTP, and can be imported again', async () => {
    const host = await startTestHost()
    await keep(host, 'PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', signed)
    const requests = requestsOfHar(
      Buffer.from(await exported(host, 'captures', { format: 'har', include_secrets: true })),
    )
    expect(requests.map(String)).toEqual([
      signed,
      'PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc',
    ])
    expect(await exported(host, 'captures', { format: 'har' })).not.toContain('t0psecret')
  })

  it('deliveries as JSON lines, CSV and HAR with the answer', async () => {
    await using receiver = await startTestReceiver()
    const host = await startTestHost()
    const { workspaceId } = await setUp(host, 'leadpush', { url_template: receiver.url })
    const id = await raiseOne(host, { workspace_id: workspaceId, type: 'contact.created' })
    await host.until(id, 'succeeded')
    const [line] = linesOf<DeliverySummary>(await exported(host, 'deliveries'))
    expect(line).toEqual((await host.call('deliveries.list', {})).items[0])
    const csv = await exported(host, 'deliveries', { format: 'csv' })
    expect(csv.split('\r\n')[1]).toMatch(new RegExp(`^${id},[^,]+,succeeded,contact.created,`))
    const har = JSON.parse(await exported(host, 'deliveries', { format: 'har' })) as {
      log: { entries: { request: { url: string }; response: { status: number } }[] }
    }
    expect(har.log.entries).toMatchObject([
      { request: { url: `${receiver.url}/` }, response: { status: 200 } },
    ])
  })

  it('refuses what is too much for one file instead of cutting it', async () => {
    const host = await startTestHost()
    const raw = 'GET /many HTTP/1.1\r\nHost: h\r\n\r\n'
    await keep(host, ...Array.from({ length: 600 }, () => raw))
    await keep(host, ...Array.from({ length: 401 }, () => raw))
    await expect(exported(host, 'captures', { format: 'har' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(linesOf(await exported(host, 'captures'))).toHaveLength(1001)
  })
})

describe('CSV', () => {
  it('quotes what would end a cell, and leaves numbers and nothing as they are', () => {
    expect(csvLines([['a,b', 'c"d', -1, null, true, '-1', 'e\r\nf']])).toBe(
      `"a,b","c""d",-1,,true,'-1,"e\r\nf"\r\n`,
    )
  })
})
