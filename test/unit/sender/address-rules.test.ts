import { describe, expect, it } from 'vitest'
import { addressProblem, classifyAddress, hostnameProblem } from '../../../src-main/sender/address-rules.ts'
import { checkStrictUrl } from '../../../src-main/sender/target-url.ts'

const classes: readonly (readonly [address: string, expected: ReturnType<typeof classifyAddress>])[] = [
  // Public
  ['8.8.8.8', 'public'],
  ['1.1.1.1', 'public'],
  ['93.184.216.34', 'public'],
  ['100.63.255.255', 'public'],
  ['100.128.0.0', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['192.167.255.255', 'public'],
  ['223.255.255.255', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['[2a00:1450:4001:80b::200e]', 'public'],
  ['134744072', 'public'],
  // Loopback in every spelling
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['127.1', 'loopback'],
  ['127.0.1', 'loopback'],
  ['2130706433', 'loopback'],
  ['0x7f000001', 'loopback'],
  ['0x7f.1', 'loopback'],
  ['0x7F.0x0.0x0.0x1', 'loopback'],
  ['0177.0.0.1', 'loopback'],
  ['017700000001', 'loopback'],
  ['127.0.0.1.', 'loopback'],
  ['::1', 'loopback'],
  ['[::1]', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['[::ffff:7f00:1]', 'loopback'],
  ['::7f00:1', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['64:ff9b::127.0.0.1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  // Unspecified
  ['0.0.0.0', 'unspecified'],
  ['0', 'unspecified'],
  ['0x0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  // Private
  ['10.0.0.1', 'private'],
  ['10.255.255.255', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['0xc0a80101', 'private'],
  ['3232235777', 'private'],
  ['::ffff:192.168.1.1', 'private'],
  ['64:ff9b::c0a8:101', 'private'],
  ['2002:c0a8:101::1', 'private'],
  ['fc00::1', 'unique_local'],
  ['fd12:3456:789a::1', 'unique_local'],
  // Link-local and metadata
  ['169.254.1.1', 'link_local'],
  ['fe80::1', 'link_local'],
  ['fe80::1%eth0', 'link_local'],
  ['febf::1', 'link_local'],
  ['169.254.169.254', 'metadata'],
  ['2852039166', 'metadata'],
  ['0xa9fea9fe', 'metadata'],
  ['::ffff:169.254.169.254', 'metadata'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  // Others
  ['100.64.0.1', 'shared'],
  ['100.127.255.255', 'shared'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['4294967295', 'broadcast'],
  ['192.0.2.1', 'documentation'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['2001:db8::1', 'documentation'],
  ['3fff::1', 'documentation'],
  ['192.0.0.1', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['198.19.255.255', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['100::1', 'reserved'],
  ['5f00::1', 'reserved'],
  ['4000::1', 'reserved'],
  ['fec0::1', 'reserved'],
  ['2001:10::1', 'reserved'],
  ['2001:2::1', 'reserved'],
  // IPv4 within IPv6: refused even if the address within is public
  ['::ffff:8.8.8.8', 'ipv4_mapped'],
  ['::808:808', 'ipv4_compatible'],
  ['64:ff9b::8.8.8.8', 'nat64'],
  ['64:ff9b:1::8.8.8.8', 'nat64'],
  ['2002:808:808::1', '6to4'],
  ['2001::1', 'teredo'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'teredo'],
  ['::ffff:0:8.8.8.8', 'reserved'],
  // Not addresses
  ['localhost', 'not_an_address'],
  ['example.com', 'not_an_address'],
  ['', 'not_an_address'],
  ['256.256.256.256', 'not_an_address'],
  ['1.2.3.4.5', 'not_an_address'],
  ['::g', 'not_an_address'],
]

describe('classifyAddress', () => {
  it.each(classes)('abuse 34: %s is %s', (address, expected) => {
    expect(classifyAddress(address)).toBe(expected)
  })

  it('abuse 34: refuses what a resolver answers that is no address', () => {
    expect(addressProblem('nonsense', 'example.com')?.code).toBe('address_forbidden')
  })
})

const refusedUrls = [
  'http://example.com/',
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://a.localhost/',
  'https://example.com./',
  'https://printer.local/',
  'https://metadata.google.internal/',
  'https://router.home.arpa/',
  'https://ip6-localhost/',
  'https://127.0.0.1/',
  'https://127.0.0.1./',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://%31%32%37.0.0.1/',
  'https://１２７.０.０.１/',
  'https://①②⑦.0.0.1/',
  'https://127。0。0。1/',
  'https://10.0.0.1:8443/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[::7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b:1::1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001::1]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  'https://user:password@example.com/',
  'https://user@example.com/',
  'https://@example.com/',
  'https://example.com@127.0.0.1/',
]

describe('checkStrictUrl', () => {
  it.each(refusedUrls)('abuse 34: refuses %s', (url) => {
    const problem = checkStrictUrl(url)
    expect(problem?.code).toBe('address_forbidden')
    expect(problem?.message).not.toContain('password@')
  })

  it.each([
    'https://example.com/hook',
    'https://EXAMPLE.com:8443/hook?x=1',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example.com/',
    'https://local.example.com/',
    'https://internal-hooks.com/',
    'https://notlocalhost/',
  ])('lets %s be tried', (url) => {
    expect(checkStrictUrl(url)).toBeNull()
  })

  it.each([
    '',
    'example.com',
    '//example.com',
    'https:example.com',
    'https://',
    'https:///x',
    'https://example.com\\@127.0.0.1/',
  ])('calls %j no URL', (url) => {
    expect(checkStrictUrl(url)?.code).toBe('url_invalid')
  })

  it('abuse 34: names the class within a refused form', () => {
    expect(hostnameProblem('::ffff:127.0.0.1')?.message).toContain('this machine itself')
  })
})
