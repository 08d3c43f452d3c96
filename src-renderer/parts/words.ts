/** Numbers, sizes and times as people read them. Pure. */

const whole = new Intl.NumberFormat('en')

/** `1 delivery`, `2 deliveries`. */
export function count(number: number, one: string, many: string): string {
  return `${whole.format(number)} ${number === 1 ? one : many}`
}

export function number(value: number): string {
  return whole.format(value)
}

const units = ['B', 'KiB', 'MiB', 'GiB'] as const

export function bytes(value: number): string {
  let unit = 0
  let shown = value
  while (shown >= 1024 && unit < units.length - 1) {
    shown /= 1024
    unit += 1
  }
  return `${unit === 0 || shown >= 100 ? Math.round(shown) : shown.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`
}

export function duration(ms: number): string {
  if (ms < 1) return '< 1 ms'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

/** For lists: how long ago, and the clock or the day when that says more. */
export function ago(instant: string, now: number): string {
  const then = Date.parse(instant)
  const seconds = Math.floor((now - then) / 1000)
  if (seconds < 5) return 'now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  return seconds < 43_200 ? clock.format(then) : `${day.format(then)}, ${clock.format(then)}`
}

/** `14:03` */
export function timeOfDay(instant: string): string {
  return clock.format(Date.parse(instant)).slice(0, 5)
}

const exactFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'long',
})

/** With date, seconds and zone. */
export function exact(instant: string): string {
  return exactFormat.format(Date.parse(instant))
}

const named: Readonly<Record<string, string>> = {
  '\u200b': 'ZWSP',
  '\u200c': 'ZWNJ',
  '\u200d': 'ZWJ',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u061c': 'ALM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2060': 'WJ',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
  '\u2028': 'LS',
  '\u2029': 'PS',
  '\ufeff': 'BOM',
}

// oxlint-disable-next-line no-control-regex -- finding control characters is what it is for
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g

/**
 * Text from outside, with what would be invisible or turn other text around made visible: control characters as
 * their pictures (␛), marks of direction and width by their names (‹RLO›).
 * @param lines line ends and tabs stay what they are
 */
export function visible(text: string, lines = false): string {
  return text.replace(invisible, (character) => {
    if (lines && (character === '\n' || character === '\t')) return character
    const code = character.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    return `‹${named[character] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}›`
  })
}
