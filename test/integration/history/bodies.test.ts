import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { serveInstance } from '../../support/served-instance.ts'

describe('raw bodies', () => {
  it('come byte for byte, whole or in parts, and are for saving only', async () => {
    const instance = await serveInstance()
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7919) % 256))
    await fetch(`${instance.capture}/in/sample`, { method: 'POST', body })
    const { items } = await instance.client.call('captures.list', {})
    const [capture] = items
    if (capture === undefined) throw new Error('nothing was captured')
    const get = (range?: string): Promise<Response> =>
      fetch(`${instance.api}/api/v1/captures/${capture.id}/body`, {
        headers: { authorization: `Bearer ${instance.token}`, ...(range === undefined ? {} : { range }) },
      })
    const whole = await get()
    expect(whole.status).toBe(200)
    expect(whole.headers.get('content-type')).toBe('application/octet-stream')
    expect(whole.headers.get('content-disposition')).toMatch(/^attachment; /)
    expect(whole.headers.get('accept-ranges')).toBe('bytes')
    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    expect(sha256(new Uint8Array(await whole.arrayBuffer()))).toBe(sha256(body))
    const parts: readonly [string, number, number][] = [
      ['bytes=0-99', 0, 100],
      ['bytes=299900-', 299_900, 300_000],
      ['bytes=-5', 299_995, 300_000],
      ['bytes=100-9999999', 100, 300_000],
    ]
    for (const [range, start, end] of parts) {
      const part = await get(range)
      expect(part.status, range).toBe(206)
      expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/300000`)
      expect(Buffer.from(await part.arrayBuffer()).equals(body.subarray(start, end)), range).toBe(true)
    }
    expect((await get('bytes=300000-')).status).toBe(416)
    expect((await get('bytes=5-2')).status).toBe(416)
    expect((await get('lines=1-2')).status).toBe(400)
    const typed = await instance.client.call('captures.body', { id: capture.id, range: 'bytes=10-19' })
    expect(typed).toMatchObject({ offset: 10, total_bytes: 300_000, file_name: `capture-${capture.id}.bin` })
    expect(Buffer.from(typed.bytes).equals(body.subarray(10, 20))).toBe(true)
    expect(await instance.stop()).toBe(0)
  })

  it('of a delivery are what was sent', async () => {
    const instance = await serveInstance()
    const { items: workspaces } = await instance.client.call('workspaces.list', {})
    const { event, deliveries } = await instance.client.call('events.raise', {
      workspace_id: workspaces[0]?.id ?? '',
      type: 'contact.created',
    })
    const { bytes, total_bytes: total } = await instance.client.call('deliveries.body', {
      id: deliveries[0]?.id ?? '',
    })
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual(event.payload)
    expect(total).toBe(bytes.length)
    await instance.stop()
  })
})
