import { invalidInput, type AppError } from '../../../src-shared/errors.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { isChunked, rawHttp } from './raw-http.ts'
import { partsOfUrl } from './request-document.ts'
import { shellCommands } from './shell-words.ts'

/** True for a script whose first command is curl's; no HTTP request is taken for one. */
export function isCurl(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.subarray(0, 100_000)).toString('latin1')
  const first = text.split('\n').find((line) => !/^\s*(#.*)?$/.test(line)) ?? ''
  return /^\s*(\$ )?(curl(\.exe)?|printf .*)(\s|$)/.test(first) && !/ HTTP\/1\.\d\s*$/.test(first)
}

/**
 * The requests that a script's curl commands send, as raw HTTP/1.x. What curl would add by itself for its own sake
 * (User-Agent, Accept) is not in them.
 * @throws AppError `invalid_input`
 */
export function requestsOfCurl(bytes: Uint8Array): Buffer[] {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\s*\$ /, '')
  const commands = shellCommands(text).filter(({ words }) => /^curl(\.exe)?$/.test(words[0] ?? ''))
  if (commands.length === 0) throw invalidInput('There is no curl command in it.')
  return commands.map(({ words, input }) => {
    const command = new CurlCommand(input)
    command.read(words.slice(1))
    return command.request()
  })
}

/** Options that change nothing of the request; a trailing `=` takes a value. */
const ignored = new Set(
  (
    '-q --disable -s --silent -S --show-error -v --verbose -i --include -k --insecure -L --location -f --fail ' +
    '--fail-with-body -g --globoff --path-as-is -N --no-buffer -# --progress-bar --http1.1 --http2 --http3 ' +
    '--http2-prior-knowledge -4 --ipv4 -6 --ipv6 -j -O --remote-name -J --raw --no-keepalive --ssl-no-revoke ' +
    '--location-trusted --tlsv1.2 --tlsv1.3 --no-progress-meter --tr-encoding --anyauth --basic ' +
    '-o= --output= --connect-timeout= -m= --max-time= --retry= --retry-delay= --retry-max-time= -x= --proxy= ' +
    '--noproxy= --cacert= --capath= -E= --cert= --cert-type= --key= --key-type= --resolve= --connect-to= ' +
    '--limit-rate= -w= --write-out= -D= --dump-header= -c= --cookie-jar= --max-redirs= --interface= --proto= ' +
    '--ciphers= --keepalive-time= -U= --proxy-user= -y= -Y= --expect100-timeout='
  ).split(' '),
)

const longNames: Readonly<Record<string, string>> = {
  '--request': '-X',
  '--header': '-H',
  '--data': '-d',
  '--data-ascii': '-d',
  '--user': '-u',
  '--user-agent': '-A',
  '--referer': '-e',
  '--cookie': '-b',
  '--head': '-I',
  '--get': '-G',
  '--http1.0': '-0',
  '--form': '-F',
  '--form-string': '-F',
}

class CurlCommand {
  readonly #input: string | null
  #url: string | null = null
  #target: string | null = null
  #method: string | null = null
  #isHead = false
  #isGet = false
  #httpVersion = '1.1'
  readonly #given: Header[] = []
  /** Lower-case names that are not to be added. */
  readonly #withheld = new Set<string>()
  readonly #defaults: Header[] = []
  readonly #data: string[] = []

  /** @param input what is piped into the command */
  constructor(input: string | null) {
    this.#input = input
  }

  read(words: readonly string[]): void {
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] ?? ''
      const next = (): string => {
        at += 1
        const value = words[at]
        if (value === undefined) throw invalidInput(`curl's option ${word} has no value.`)
        return value
      }
      if (word === '--') continue
      else if (word.startsWith('--')) this.#option(longNames[word] ?? word, next)
      else if (word.startsWith('-') && word.length > 1) this.#letters(word, next)
      else this.#setUrl(word)
    }
  }

  /** `-sSXPOST`: flags in one word, the last may have its value behind it. */
  #letters(word: string, next: () => string): void {
    for (let at = 1; at < word.length; at += 1) {
      const option = `-${word[at] ?? ''}`
      let takes = false
      this.#option(option, () => {
        takes = true
        return at + 1 < word.length ? word.slice(at + 1) : next()
      })
      if (takes) return
    }
  }

  #option(option: string, value: () => string): void {
    if (ignored.has(option)) return
    if (ignored.has(`${option}=`)) {
      value()
      return
    }
    switch (option) {
      case '-X':
        this.#method = value()
        break
      case '-H':
        this.#header(value())
        break
      case '-I':
        this.#isHead = true
        break
      case '-G':
        this.#isGet = true
        break
      case '-0':
        this.#httpVersion = '1.0'
        break
      case '--url':
        this.#setUrl(value())
        break
      case '--request-target':
        this.#target = value()
        break
      default:
        if (!this.#dataOption(option, value) && !this.#headerOption(option, value))
          throw invalidInput(
            `curl's option ${option} can't be read here: leave it out, or import the request as raw HTTP.`,
          )
    }
  }

  #dataOption(option: string, value: () => string): boolean {
    if (option === '-d' || option === '--data-binary') this.#data.push(this.#contentOf(value()))
    else if (option === '--data-raw') this.#data.push(value())
    else if (option === '--data-urlencode') this.#data.push(urlEncoded(value()))
    else if (option === '--json') {
      this.#data.push(this.#contentOf(value()))
      this.#defaults.push(['Content-Type', 'application/json'], ['Accept', 'application/json'])
    } else return false
    return true
  }

  #headerOption(option: string, value: () => string): boolean {
    if (option === '-A') this.#defaults.push(['User-Agent', value()])
    else if (option === '-e') this.#defaults.push(['Referer', value()])
    else if (option === '-u') this.#defaults.push(['Authorization', basic(value())])
    else if (option === '--oauth2-bearer') this.#defaults.push(['Authorization', `Bearer ${value()}`])
    else if (option === '--compressed') this.#defaults.push(['Accept-Encoding', 'deflate, gzip'])
    else if (option === '-b') {
      const cookies = value()
      if (!cookies.includes('=')) throw fileNeeded('-b', cookies)
      this.#defaults.push(['Cookie', cookies])
    } else return false
    return true
  }

  /** `@-` is what is piped in; other files are not read. */
  #contentOf(value: string): string {
    if (!value.startsWith('@')) return value
    if (value === '@-' && this.#input !== null) return this.#input
    throw fileNeeded('--data', value.slice(1))
  }

  #header(text: string): void {
    if (text.startsWith('@')) throw fileNeeded('-H', text.slice(1))
    const [, name = '', mark = '', value = ''] = /^([^:;]+)([:;])[ \t]*([^]*)$/.exec(text) ?? []
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      throw invalidInput(`"${text}" of the command is no header.`)
    // `Name:` leaves out what curl would add; `Name;` is empty.
    if (mark === ':' && value === '') this.#withheld.add(name.toLowerCase())
    else this.#given.push([name, mark === ';' ? '' : value.replace(/[\r\n\0]+/g, ' ')])
  }

  #setUrl(url: string): void {
    if (this.#url !== null) throw invalidInput('The command has more than one URL; import one request each.')
    this.#url = /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`
    if (!/^https?:\/\/[^/?#]/i.test(this.#url))
      throw invalidInput(`"${url}" of the command is no http or https URL.`)
    const [, userinfo] = /^https?:\/\/([^/?#@]*)@/i.exec(this.#url) ?? []
    if (userinfo !== undefined) this.#defaults.push(['Authorization', basic(unescaped(userinfo))])
  }

  request(): Buffer {
    if (this.#url === null) throw invalidInput('The command has no URL.')
    const data = this.#data.length === 0 ? null : this.#data.join('&')
    const query = this.#isGet && data !== null ? `${this.#url.includes('?') ? '&' : '?'}${data}` : ''
    const parts = partsOfUrl(`${this.#url.split('#', 1)[0] ?? ''}${query}`)
    const body = Buffer.from(this.#isGet ? '' : (data ?? ''), 'latin1')
    const method = this.#method ?? (this.#isHead ? 'HEAD' : data === null || this.#isGet ? 'GET' : 'POST')
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) throw invalidInput(`"${method}" is no HTTP method.`)
    return rawHttp({
      ...parts,
      target: this.#target ?? parts.target,
      method,
      httpVersion: this.#httpVersion,
      headers: this.#headers(parts.authority, body, data !== null && !this.#isGet),
      trailers: [],
      body,
      startedAt: 0,
      durationMs: 0,
      response: null,
      notes: [],
    })
  }

  #headers(authority: string, body: Buffer, hasBody: boolean): Header[] {
    const all: Header[] = this.#given.map(([name, value]) =>
      name.toLowerCase() === 'content-length' ? [name, String(body.length)] : [name, value],
    )
    const has = (name: string): boolean => all.some(([other]) => other.toLowerCase() === name.toLowerCase())
    const add = (name: string, value: string): void => {
      if (!has(name) && !this.#withheld.has(name.toLowerCase())) all.push([name, value])
    }
    if (!has('Host') && !this.#withheld.has('host')) all.unshift(['Host', authority])
    for (const [name, value] of this.#defaults) add(name, value.replace(/[\r\n\0]+/g, ' '))
    if (hasBody) add('Content-Type', 'application/x-www-form-urlencoded')
    if (hasBody && !isChunked({ headers: all })) add('Content-Length', String(body.length))
    return all
  }
}

function fileNeeded(option: string, file: string): AppError {
  return invalidInput(
    `curl's ${option} reads the file "${file}", which is not part of the command: put its content in.`,
  )
}

function basic(userinfo: string): string {
  return `Basic ${Buffer.from(userinfo.includes(':') ? userinfo : `${userinfo}:`, 'latin1').toString('base64')}`
}

/** Bytes for escapes; what is none stays. */
function unescaped(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** @see curl's manual, --data-urlencode */
function urlEncoded(text: string): string {
  const [, name = '', mark, content = ''] = /^([^=@]*)([=@])([^]*)$/.exec(text) ?? [text, '', undefined, text]
  if (mark === '@') throw fileNeeded('--data-urlencode', content)
  const encoded = content.replace(/[^A-Za-z0-9\-._~]/g, (character) =>
    character === ' ' ? '+' : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
  return name === '' ? encoded : `${name}=${encoded}`
}
