import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pushEventSchemas } from '../../../src-shared/api/push-events.ts'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { connectRaw, exchangeRaw } from '../../support/raw-client.ts'
import { replayBench, untilOver, type ReplayBench } from './replay-bench.ts'

const unknown = '01890000-0000-7000-8000-00000000dead'
const to = { url: 'http://127.0.0.1:9/' }

async function expectNothingMade(b: ReplayBench): Promise<void> {
  expect((await b.test.call('replays.list', {})).items).toEqual([])
  expect((await b.test.call('deliveries.list', { origin: 'replay' })).items).toEqual([])
}

describe('what is refused', () => {
  const cases: [string, object, RegExp][] = [
    ['nothing to replay', { to, mode: 'exact' }, /either captures .* or deliveries/],
    ['no ids', { to, mode: 'exact', capture_ids: [] }, /capture_ids: must not be empty/],
    [
      'both kinds',
      { to, mode: 'exact', capture_ids: [unknown], delivery_ids: [unknown] },
      /either captures .* or deliveries/,
    ],
    [
      'too many',
      { to, mode: 'exact', capture_ids: Array.from({ length: 1001 }, () => unknown) },
      /must not have more than 1000 entries/,
    ],
    ['no goal', { capture_ids: [unknown], mode: 'exact' }, /to: is missing/],
    [
      'an empty goal',
      { capture_ids: [unknown], mode: 'exact', to: {} },
      /needs either a url or a destination_id/,
    ],
    [
      'two goals',
      { capture_ids: [unknown], mode: 'exact', to: { ...to, destination_id: unknown } },
      /needs either a url or a destination_id/,
    ],
    [
      'a URL of another kind',
      { capture_ids: [unknown], mode: 'exact', to: { url: 'ftp://h' } },
      /to\.url: must start/,
    ],
    [
      'a URL with a password',
      { capture_ids: [unknown], mode: 'exact', to: { url: 'http://a:b@h/' } },
      /must not hold a user name or password/,
    ],
    ['no mode', { capture_ids: [unknown], to }, /mode: must be one of exact, resigned/],
    [
      'an unknown mode',
      { capture_ids: [unknown], to, mode: 'edited' },
      /mode: must be one of exact, resigned/,
    ],
    [
      'a secret for an exact one',
      { capture_ids: [unknown], to, mode: 'exact', secret: 's' },
      /secret: goes with re-signing/,
    ],
    [
      'a new id for an exact one',
      { capture_ids: [unknown], to, mode: 'exact', new_id: true },
      /new_id: goes with re-signing/,
    ],
    [
      'an empty secret',
      { capture_ids: [unknown], to, mode: 'resigned', secret: '' },
      /secret: must not be empty/,
    ],
    ['two paces', { capture_ids: [unknown], to, mode: 'exact', rate: 1, as_recorded: true }, /not both/],
    ['a pace of nothing', { capture_ids: [unknown], to, mode: 'exact', rate: 0 }, /rate: must be at least/],
    [
      'an unknown provider',
      { capture_ids: [unknown], to, mode: 'resigned', provider: 'nobody' },
      /there is no provider "nobody"/,
    ],
    [
      'a secret that the provider has not',
      { capture_ids: [unknown], to, mode: 'resigned', provider: 'standard-webhooks', secret: 'short' },
      /secret: /,
    ],
    ['an unknown capture', { capture_ids: [unknown], to, mode: 'exact' }, /There is no capture/],
    ['an unknown delivery', { delivery_ids: [unknown], to, mode: 'exact' }, /There is no delivery/],
    [
      'an unknown destination',
      { capture_ids: [unknown], to: { destination_id: unknown }, mode: 'exact' },
      /There is no destination/,
    ],
  ]

  it('is said in one sentence, and nothing is made', async () => {
    await using b = await replayBench()
    for (const [what, input, sentence] of cases) {
      const refused = b.test.call('replays.create', input as OperationInput<'replays.create'>)
      await expect(refused, what).rejects.toThrow(sentence)
      await expect(refused, what).rejects.toMatchObject({ name: 'AppError' })
    }
    await expectNothingMade(b)
    await expect(b.test.call('replays.get', { id: unknown })).rejects.toMatchObject({
      code: 'replay_not_found',
    })
    await expect(b.test.call('replays.cancel', { id: unknown })).rejects.toMatchObject({
      code: 'replay_not_found',
    })
  })

  it('is named one by one: malformed and cut captures, a delivery that was never sent', async () => {
    await using b = await replayBench()
    const port = Number(new URL(b.test.host.receiver.url ?? '').port)
    await exchangeRaw(port, 'nonsense\r\n\r\n')
    const cut = await connectRaw(port)
    await cut.send('POST /in/inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    cut.socket.destroy()
    await b.test.untilEvent((event) => event.kind === 'capture' && event.capture.aborted)
    const [good] = await b.captures(1)
    const { items } = await b.test.call('captures.list', {})
    const ids = items.map(({ id }) => id)
    await expect(
      b.test.call('replays.create', { capture_ids: ids, to, mode: 'exact' }),
    ).rejects.toMatchObject({
      code: 'conflict',
      status: 409,
      message: expect.stringMatching(
        /Only a part of the body of capture .* is no valid HTTP request\. Nothing was replayed\.$/,
      ) as string,
      fields: [
        { path: `capture_ids.${ids.findIndex((_, n) => items[n]?.aborted)}` },
        { path: `capture_ids.${ids.findIndex((_, n) => items[n]?.malformed !== null)}` },
      ],
    })
    const resigned = { capture_ids: [good ?? ''], to, mode: 'resigned' as const }
    await expect(b.test.call('replays.create', resigned)).rejects.toThrow(/name the provider/)
    await expect(b.test.call('replays.create', { ...resigned, provider: 'leadpush' })).rejects.toThrow(
      /No secret is known to sign capture .*; give one\./,
    )

    const { workspaceId, destinationId } = await setUp(b.test, 'leadpush', {
      url_template: b.receiver.url,
      rate_limit: { requests: 1, per_seconds: 3600 },
    })
    await raiseOne(b.test, { workspace_id: workspaceId, type: 'contact.created' })
    const waiting = await raiseOne(b.test, { workspace_id: workspaceId, type: 'contact.created' })
    await expect(
      b.test.call('replays.create', { delivery_ids: [waiting], to, mode: 'exact' }),
    ).rejects.toThrow(/was never sent/)
    await b.test.call('destinations.delete', { id: destinationId })
    await expectNothingMade(b)
  })

  it("an exact replay whose secret went with its destination is refused, re-signed it isn't", async () => {
    await using b = await replayBench()
    const { workspaceId, destinationId } = await setUp(b.test, 'breakcold-classic', {
      url_template: b.receiver.url,
    })
    const source = await raiseOne(b.test, { workspace_id: workspaceId, type: 'lead.create' })
    await b.test.until(source, 'succeeded')
    await b.test.call('destinations.delete', { id: destinationId })
    const input = { delivery_ids: [source], to: { url: b.receiver.url } }
    await expect(b.test.call('replays.create', { ...input, mode: 'exact' })).rejects.toThrow(
      /its destination is gone; re-sign it with a secret/,
    )
    const made = await b.test.call('replays.create', {
      ...input,
      mode: 'resigned',
      secret: 'wh_fresh_secret',
    })
    expect(await untilOver(b.test, made.id)).toMatchObject({ succeeded: 1 })
    expect(b.receiver.requests[1]?.body.toString()).toContain('wh_fresh_secret')
  })
})

describe('an idempotency key', () => {
  it('makes one replay of many calls, also when its source has gone; another request is refused', async () => {
    await using b = await replayBench()
    const ids = await b.captures(2)
    const input = {
      capture_ids: ids,
      to: { url: b.receiver.url },
      mode: 'exact' as const,
      idempotency_key: 'k',
    }
    const made = await Promise.all([1, 2, 3].map(() => b.test.call('replays.create', input)))
    const [first] = made
    if (first === undefined) throw new Error('nothing was made')
    expect(made).toEqual([first, first, first])
    await untilOver(b.test, first.id)
    await b.test.call('captures.delete', { id: ids[0] ?? '' })
    const again = await b.test.restart()
    expect(await again.call('replays.create', input)).toEqual(first)
    expect(b.receiver.requests).toHaveLength(2)
    await expect(again.call('replays.create', { ...input, rate: 5 })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    })
  })
})

describe('what is told and kept', () => {
  it('tells of a replay as its deliveries end, not more often, in the form of the contract', async () => {
    await using b = await replayBench()
    const reader = b.test.host.engine.feed.open(null)
    const { id } = await b.test.call('replays.create', {
      capture_ids: await b.captures(20),
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    await untilOver(b.test, id)
    const told: number[] = []
    for (let next = reader.next(); next !== null; next = reader.next()) {
      const { event, data } = next.message
      pushEventSchemas[event].parse(data)
      if (event === 'replay') told.push(data.waiting)
    }
    expect(told.at(-1)).toBe(0)
    expect(told.length).toBeLessThanOrEqual(21)
    expect(told).toEqual(told.toSorted((a, b) => b - a))
  })

  it('a given secret is in no file in the clear', async () => {
    await using b = await replayBench()
    const secret = 'a-secret-that-nobody-may-read'
    const { id } = await b.test.call('replays.create', {
      capture_ids: await b.captures(2),
      to: { url: b.receiver.url },
      mode: 'resigned',
      provider: 'leadpush',
      secret,
      idempotency_key: 'k',
    })
    await untilOver(b.test, id)
    await b.test.host.store.compact()
    await b.test.stop()
    const files = await readdir(b.test.folder, { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name))
      expect(bytes.includes(secret), file.name).toBe(false)
    }
  })

  it('a body is found by its text, and a replay by its number', async () => {
    await using b = await replayBench()
    const id = await b.capture('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nneedle 42')
    const { id: replay } = await b.test.call('replays.create', {
      capture_ids: [id],
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    await untilOver(b.test, replay)
    expect((await b.test.call('deliveries.list', { q: 'needle' })).items).toMatchObject([
      { replay_id: replay },
    ])
    expect((await b.test.call('deliveries.list', { replay })).items).toHaveLength(1)
  })
})
