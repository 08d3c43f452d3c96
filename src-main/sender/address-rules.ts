import ipaddr from 'ipaddr.js'
import type { SendError } from '../engine/ports.ts'

/**
 * The strict URL rules: https to public addresses only, so that a template or a redirect can't be made to
 * reach this machine, its network or a cloud's metadata service.
 *
 * Threats: every spelling of a literal (decimal, octal, hex, short, IPv4 within IPv6), names that mean this
 * machine, names that resolve to private addresses. The rules are an allow list: what no range names as
 * public is refused.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */

/** What an address is for. Only `public` passes the strict rules. */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link_local'
  | 'metadata'
  | 'shared'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'reserved'
  | 'unspecified'
  | 'unique_local'
  | 'ipv4_mapped'
  | 'ipv4_compatible'
  | 'nat64'
  | '6to4'
  | 'teredo'
  | 'not_an_address'

const metadataAddresses = new Set(['169.254.169.254', '168.63.129.16', '100.100.100.200', '192.0.0.192'])
const metadataAddressesV6 = new Set(['fd00:ec2::254', 'fd20:ce::254'])

const documentationV4 = [
  [ipaddr.IPv4.parse('192.0.2.0'), 24],
  [ipaddr.IPv4.parse('198.51.100.0'), 24],
  [ipaddr.IPv4.parse('203.0.113.0'), 24],
] as const

const documentationV6 = [
  [ipaddr.IPv6.parse('2001:db8::'), 32],
  [ipaddr.IPv6.parse('3fff::'), 20],
] as const

const globalUnicastV6 = [ipaddr.IPv6.parse('2000::'), 3] as const

const classOfRange: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  linkLocal: 'link_local',
  carrierGradeNat: 'shared',
  multicast: 'multicast',
  broadcast: 'broadcast',
  unspecified: 'unspecified',
  uniqueLocal: 'unique_local',
  rfc6052: 'nat64',
  '6to4': '6to4',
  teredo: 'teredo',
  ipv4Mapped: 'ipv4_mapped',
}

function classifyV4(address: ipaddr.IPv4): AddressClass {
  if (metadataAddresses.has(address.toString())) return 'metadata'
  if (documentationV4.some(([range, bits]) => address.match(range, bits))) return 'documentation'
  return classOfRange[address.range()] ?? 'reserved'
}

/** Where an IPv6 address carries an IPv4 one: the index of its first byte. */
const embeddedAt: Partial<Record<AddressClass, number>> = {
  ipv4_mapped: 12,
  ipv4_compatible: 12,
  nat64: 12,
  '6to4': 2,
}

function classifyV6(address: ipaddr.IPv6): AddressClass {
  if (metadataAddressesV6.has(address.toString())) return 'metadata'
  const found = rangeV6(address)
  const at = embeddedAt[found]
  if (at === undefined) return found
  // The class of the address within says more; a public one doesn't help: nobody needs these forms.
  const within = classifyV4(new ipaddr.IPv4(address.toByteArray().slice(at, at + 4)))
  return within === 'public' ? found : within
}

function rangeV6(address: ipaddr.IPv6): AddressClass {
  const range = address.range()
  if (range === 'unicast' || range === 'reserved') {
    if (documentationV6.some(([prefix, bits]) => address.match(prefix, bits))) return 'documentation'
    if (address.parts.slice(0, 6).every((part) => part === 0)) return 'ipv4_compatible'
    if (!address.match(globalUnicastV6[0], globalUnicastV6[1])) return 'reserved'
  }
  return classOfRange[range] ?? 'reserved'
}

/**
 * The class of an IP address in any spelling a URL or a resolver may have: dotted, decimal, octal, hex, short,
 * with a trailing dot, in brackets, with a zone. `not_an_address` for names.
 */
export function classifyAddress(text: string): AddressClass {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  try {
    if (bare.includes(':')) return classifyV6(ipaddr.IPv6.parse(bare.replace(/%.*$/, '')))
    return classifyV4(ipaddr.IPv4.parse(bare.endsWith('.') ? bare.slice(0, -1) : bare))
  } catch {
    return 'not_an_address'
  }
}

const classWords: Readonly<Record<AddressClass, string>> = {
  public: 'public',
  loopback: 'this machine itself',
  private: 'a private network',
  link_local: 'the local link',
  metadata: "a cloud's metadata service",
  shared: "a provider's shared range",
  multicast: 'multicast',
  broadcast: 'broadcast',
  documentation: 'a range for documentation',
  reserved: 'a reserved range',
  unspecified: 'unspecified: this machine itself',
  unique_local: 'a private network',
  ipv4_mapped: 'an IPv4 address within IPv6',
  ipv4_compatible: 'an IPv4 address within IPv6',
  nat64: 'an IPv4 address within IPv6',
  '6to4': 'an IPv4 address within IPv6',
  teredo: 'an IPv4 address within IPv6',
  not_an_address: 'not an address',
}

const wayOut = 'Use a public https address, or turn the strict URL rules off for this destination.'

function forbidden(what: string): SendError {
  return { code: 'address_forbidden', message: `The strict URL rules refuse ${what}. ${wayOut}` }
}

/** Why the strict rules refuse this address (of `hostname`, when it was resolved from a name), or null. */
export function addressProblem(address: string, hostname?: string): SendError | null {
  const found = classifyAddress(address)
  if (found === 'public') return null
  const name =
    hostname === undefined || hostname === address ? address : `${hostname}, which resolves to ${address}`
  return forbidden(`${name} (${classWords[found]})`)
}

const localSuffixes = ['localhost', 'local', 'internal', 'localdomain', 'home.arpa']
const localNames = new Set(['ip6-localhost', 'ip6-loopback', 'broadcasthost'])

/** Why the strict rules refuse this host name without resolving it, or null. */
export function hostnameProblem(hostname: string): SendError | null {
  if (hostname.includes(':') || classifyAddress(hostname) !== 'not_an_address')
    return addressProblem(hostname)
  const name = hostname.toLowerCase()
  if (name.endsWith('.')) return forbidden(`${hostname}: its name ends with a dot`)
  const isLocal = localSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))
  return isLocal || localNames.has(name) ? forbidden(`${hostname}: the name means a local host`) : null
}

/** Why the strict rules refuse a URL's scheme, user info or host, or null. Pure: nothing is resolved. */
export function strictProblem(parts: {
  readonly secure: boolean
  readonly hasUserInfo: boolean
  readonly hostname: string
}): SendError | null {
  if (!parts.secure) return forbidden('http')
  if (parts.hasUserInfo) return forbidden('a user name or password in the URL')
  return hostnameProblem(parts.hostname)
}
