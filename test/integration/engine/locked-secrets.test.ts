import { describe, expect, it } from 'vitest'
import { AppError } from '../../../src-shared/errors.ts'
import type { SecretBox } from '../../../src-main/engine/ports.ts'
import { raiseOne } from '../../support/builders.ts'
import { startTestHost, type TestHostOptions } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

/** As on the desktop when the keyring is gone. */
const locked: TestHostOptions = {
  openSecrets: async (): Promise<SecretBox> => {
    const refuse = (): never => {
      throw new AppError('secrets_unavailable', { message: 'The keyring is gone.' })
    }
    return { available: false, seal: refuse, open: refuse }
  },
}
const withReceiver: TestHostOptions = { capture: { host: '127.0.0.1', port: 0 } }

describe('a data folder whose secrets are locked', () => {
  it('opens when it is fresh, without the sample, which needs a secret; the next start with a key makes it', async () => {
    const test = await startTestHost(locked)
    expect((await test.call('health.get', {})).secrets_available).toBe(false)
    expect((await test.call('workspaces.list', {})).items).toEqual([])
    const opened = await test.restart({ openSecrets: undefined as never })
    expect((await opened.call('workspaces.list', {})).items).toHaveLength(1)
  })

  it('sends nothing that has to be signed, checks no signature, and loses nothing', async () => {
    await using receiver = await startTestReceiver()
    const before = await startTestHost(withReceiver)
    const [workspace] = (await before.call('workspaces.list', {})).items
    const [destination] = (await before.call('destinations.list', {})).items
    if (workspace === undefined || destination === undefined) throw new Error('the first start makes both')
    await before.call('destinations.change', { id: destination.id, url_template: receiver.url })
    const event = { workspace_id: workspace.id, type: 'contact.created' }
    await before.until(await raiseOne(before, event), 'succeeded')
    const [signed] = await receiver.received(1)

    const test = await before.restart({ ...withReceiver, ...locked })
    const failed = await test.until(await raiseOne(test, event), 'failed')
    expect(failed.lastFailure).toMatchObject({ code: 'secrets_unavailable' })
    expect(receiver.requests).toHaveLength(1)
    expect(await test.call('destinations.get', { id: destination.id })).toMatchObject({ secret_set: true })
    await expect(
      test.call('destinations.change', { id: destination.id, secret: 'a-new-secret-of-mine' }),
    ).rejects.toMatchObject({ code: 'secrets_unavailable' })
    const body = signed?.body ?? Buffer.alloc(0)
    await fetch(`${test.host.receiver.url}/in/inbox`, {
      method: 'POST',
      headers: (signed?.headers ?? []).filter(([name]) => /^x-|content-type/i.test(name)) as [
        string,
        string,
      ][],
      body: new Uint8Array(body),
    })
    const [capture] = (await test.call('captures.list', {})).items
    expect(capture?.verdict.status).toBe('unchecked')

    const opened = await test.restart({ ...withReceiver, openSecrets: undefined as never })
    await opened.call('deliveries.retry', { id: failed.id })
    await opened.until(failed.id, 'succeeded')
    expect(receiver.requests).toHaveLength(2)
  })
})
