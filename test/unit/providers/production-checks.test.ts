import { describe, expect, it } from 'vitest'
import { requireProvider } from '../../../src-main/engine/providers/index.ts'
import { localHostKind } from '../../../src-main/engine/providers/production-checks.ts'

const checks = (id: string, url: string): string[] => requireProvider(id).productionChecks(new URL(url))

describe('production checks', () => {
  it('says what Leadpush would refuse, all of it', () => {
    expect(checks('leadpush', 'https://hooks.example.com/in')).toEqual([])
    expect(checks('leadpush', 'https://127.0.0.1/in')).toEqual([
      'Leadpush would refuse this URL: it is a loopback address',
    ])
    expect(checks('leadpush', 'http://localhost:4848/in')).toEqual([
      'Leadpush would refuse this URL: it is a loopback address',
      'Leadpush would refuse this URL: it is not HTTPS',
    ])
  })

  it('only wants HTTPS for LeadNest, and nothing for providers that document no rule', () => {
    expect(checks('leadnest', 'http://10.0.0.1/')).toEqual([
      'LeadNest would refuse this URL: it is not HTTPS',
    ])
    expect(checks('leadnest', 'https://10.0.0.1/')).toEqual([])
    for (const id of ['leadhub', 'breakcold', 'breakcold-classic', 'standard-webhooks', 'github']) {
      expect(checks(id, 'http://localhost/')).toEqual([])
    }
  })

  it.each([
    ['http://127.1/', 'a loopback address'],
    ['http://2130706433/', 'a loopback address'],
    ['http://0x7f.1/', 'a loopback address'],
    ['http://[::1]/', 'a loopback address'],
    ['http://[::ffff:127.0.0.1]/', 'a loopback address'],
    ['http://[::7f00:1]/', 'a reserved address'],
    ['http://localhost./', 'a loopback address'],
    ['http://api.LOCALHOST/', 'a loopback address'],
    ['http://10.1.2.3/', 'a private address'],
    ['http://172.16.0.1/', 'a private address'],
    ['http://192.168.0.1/', 'a private address'],
    ['http://[fd00::1]/', 'a private address'],
    ['http://169.254.169.254/', 'a link-local address'],
    ['http://[fe80::1]/', 'a link-local address'],
    ['http://0/', 'the unspecified address'],
    ['http://[::]/', 'the unspecified address'],
    ['http://100.64.0.1/', 'a shared address (carrier-grade NAT)'],
    ['http://224.0.0.1/', 'a multicast address'],
    ['http://255.255.255.255/', 'the broadcast address'],
    ['http://192.0.2.1/', 'a reserved address'],
    ['http://printer/', 'a name of a local network'],
    ['http://nas.local/', 'a name of a local network'],
    ['http://shop.test/', 'a name that public DNS never resolves'],
    ['http://8.8.8.8/', null],
    ['http://[2606:4700::1111]/', null],
    ['http://hooks.example.com./', null],
    ['http://mylocalhost.com/', null],
  ])('classifies %s', (url, kind) => {
    expect(localHostKind(new URL(url).hostname)).toBe(kind)
  })
})
