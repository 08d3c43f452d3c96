import ipaddr from 'ipaddr.js'

/**
 * What a provider's own URL rules would say. Only what stands in the URL is judged: names are not resolved,
 * and nothing is enforced here (the sender does that under `strict_url_rules`).
 */

/** `it is not HTTPS` sentences for providers that want HTTPS only. */
export function httpsCheck(providerName: string, url: URL): string[] {
  return url.protocol === 'https:' ? [] : [refusal(providerName, 'it is not HTTPS')]
}

/** Sentences for providers that deliver to public addresses only. */
export function publicAddressCheck(providerName: string, url: URL): string[] {
  const kind = localHostKind(url.hostname)
  return kind === null ? [] : [refusal(providerName, `it is ${kind}`)]
}

/**
 * What makes a URL's host other than public, with its article ("a loopback address"), or null.
 * Takes the host as `URL.hostname` gives it, so `127.1` and `0x7f000001` have become `127.0.0.1`.
 */
export function localHostKind(hostname: string): string | null {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
  if (host === '') return 'a URL without a host'
  return ipaddr.isValid(host) ? addressKind(ipaddr.process(host)) : nameKind(host)
}

const localSuffixes = ['.local', '.internal', '.lan', '.home', '.home.arpa', '.corp', '.intranet', '.private']
const testSuffixes = ['.test', '.example', '.invalid']

function nameKind(host: string): string | null {
  if (host === 'localhost' || host.endsWith('.localhost')) return 'a loopback address'
  if (localSuffixes.some((suffix) => host.endsWith(suffix))) return 'a name of a local network'
  if (testSuffixes.some((suffix) => host.endsWith(suffix))) return 'a name that public DNS never resolves'
  return host.includes('.') ? null : 'a name of a local network'
}

const rangeKinds: Readonly<Record<string, string | null>> = {
  unicast: null,
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  linkLocal: 'a link-local address',
  unspecified: 'the unspecified address',
  carrierGradeNat: 'a shared address (carrier-grade NAT)',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
}

function addressKind(address: ReturnType<typeof ipaddr.process>): string | null {
  const range = address.range()
  const kind = range in rangeKinds ? rangeKinds[range] : 'a reserved address'
  if (kind !== null || address.kind() === 'ipv4') return kind ?? null
  // ipaddr.js calls ::7f00:1 unicast; ::/96 is the obsolete way to write an IPv4 address.
  return address
    .toByteArray()
    .slice(0, 12)
    .every((byte) => byte === 0)
    ? 'a reserved address'
    : null
}

function refusal(providerName: string, reason: string): string {
  return `${providerName} would refuse this URL: ${reason}`
}
