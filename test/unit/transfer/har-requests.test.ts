import { describe, expect, it } from 'vitest'
import { parseRawRequest } from '../../../src-main/engine/signing/raw-request.ts'
import { isHar, requestsOfHar } from '../../../src-main/engine/transfer/har-requests.ts'

const har = (request: object): Buffer =>
  Buffer.from(JSON.stringify({ log: { version: '1.2', entries: [{ time: 1, request }] } }))

const read = (request: object) => requestsOfHar(har(request)).map((raw) => parseRawRequest(raw))

describe('requests of a HAR', () => {
  it('become raw requests with their bodies and new framing', () => {
    const [request] = read({
      method: 'POST',
      url: 'https://user:password@h.example/a/../b?x=é#f',
      httpVersion: 'h2',
      headers: [
        { name: ':authority', value: 'h.example' },
        { name: 'transfer-encoding', value: 'chunked' },
        { name: 'content-length', value: '999' },
        { name: 'X-A', value: 'b\r\nX-Injected: 1' },
      ],
      postData: { mimeType: 'x', text: '/wA=', encoding: 'base64' },
    })
    expect(request).toMatchObject({
      method: 'POST',
      target: '/a/../b?x=%C3%A9',
      httpVersion: '1.1',
      headers: [
        ['Host', 'h.example'],
        ['content-length', '2'],
        ['X-A', 'b X-Injected: 1'],
      ],
    })
    expect([...(request?.body ?? [])]).toEqual([255, 0])
  })

  it('are told from a raw request by the first character', () => {
    expect(isHar(har({}))).toBe(true)
    expect(isHar(Buffer.from('POST / HTTP/1.1\r\n\r\n{}'))).toBe(false)
  })

  it('that are none are refused with the place', () => {
    expect(() => requestsOfHar(Buffer.from('{'))).toThrow('neither an HTTP request nor a HAR')
    expect(() => requestsOfHar(Buffer.from('{"log": {}}'))).toThrow('log.entries')
    expect(() => read({ method: 'A B', url: 'http://x/' })).toThrow(
      'log.entries.0.request.method: is no HTTP method',
    )
    expect(() => read({ method: 'GET', url: 'file:///etc/passwd' })).toThrow('must be an http or https URL')
  })
})
