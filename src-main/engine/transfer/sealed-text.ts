import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto'
import { AppError } from '../../../src-shared/errors.ts'
import type { Random } from '../ports.ts'

/**
 * Text encrypted with a passphrase, as it stands in a file:
 *
 *     hookbench-secret:v1:scrypt:n=131072,r=8,p=1:SALT:NONCE:CIPHERTEXT+TAG      (base64url)
 *
 * AES-256-GCM; the key is made of the passphrase by scrypt. The parameters stand in the text, so that later versions can
 * raise them; what an import accepts is bounded, as a file may come from anywhere.
 *
 * @see OWASP Password Storage Cheat Sheet for the cost
 */
const cost = { n: 131_072, r: 8, p: 1 } as const
const prefix = 'hookbench-secret:'
const form =
  /^hookbench-secret:v1:scrypt:n=(\d{1,7}),r=(\d{1,2}),p=(\d{1,2}):([\w-]{22,86}):([\w-]{16}):([\w-]{22,})$/
const tagBytes = 16
const associated = Buffer.from('hookbench-secret:v1')
/** Each needs its own scrypt: a file with thousands of them would keep the machine busy. */
const mostKeys = 4

interface KeyCost {
  readonly n: number
  readonly r: number
  readonly p: number
}

export function isSealedText(text: string): boolean {
  return text.startsWith(prefix)
}

function deriveKey(passphrase: string, salt: Buffer, { n, r, p }: KeyCost): Promise<Buffer> {
  // The same characters are typed differently on different systems.
  const text = passphrase.normalize('NFKC')
  return new Promise((resolve, reject) => {
    scrypt(text, salt, 32, { N: n, r, p, maxmem: 256 * n * r + 1_048_576 }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

/** Encrypts texts under one key. */
export async function createSealer(passphrase: string, random: Random): Promise<(plain: string) => string> {
  const salt = Buffer.from(random.bytes(16))
  const key = await deriveKey(passphrase, salt, cost)
  const head = `${prefix}v1:scrypt:n=${cost.n},r=${cost.r},p=${cost.p}:${salt.toString('base64url')}`
  return (plain) => {
    const nonce = Buffer.from(random.bytes(12))
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated)
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `${head}:${nonce.toString('base64url')}:${sealed.toString('base64url')}`
  }
}

/**
 * Decrypts texts; keys are derived once for each salt.
 * @throws AppError `wrong_passphrase`, `sealed_text_invalid`
 */
export class Unsealer {
  readonly #passphrase: string
  readonly #keys = new Map<string, Promise<Buffer>>()

  constructor(passphrase: string) {
    this.#passphrase = passphrase
  }

  async open(text: string): Promise<string> {
    const [, n = '', r = '', p = '', salt = '', nonce = '', sealed = ''] = form.exec(text) ?? []
    const wanted = { n: Number(n), r: Number(r), p: Number(p) }
    if (!isSoundCost(wanted)) {
      throw new AppError('sealed_text_invalid', {
        message: 'it was cut or changed, or a newer Hookbench wrote it',
      })
    }
    const key = await this.#key(wanted, salt)
    const bytes = Buffer.from(sealed, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'))
    decipher.setAAD(associated).setAuthTag(bytes.subarray(-tagBytes))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8')
    } catch (cause) {
      throw new AppError('wrong_passphrase', {}, { cause })
    }
  }

  #key(wanted: KeyCost, salt: string): Promise<Buffer> {
    const name = `${wanted.n} ${wanted.r} ${wanted.p} ${salt}`
    let key = this.#keys.get(name)
    if (key === undefined) {
      if (this.#keys.size >= mostKeys) {
        throw new AppError('sealed_text_invalid', {
          message: `the secrets of one file may come from ${mostKeys} exports at most`,
        })
      }
      key = deriveKey(this.#passphrase, Buffer.from(salt, 'base64url'), wanted)
      this.#keys.set(name, key)
    }
    return key
  }
}

/** A power of two that costs something, and no more than 256 MiB. */
function isSoundCost({ n, r, p }: KeyCost): boolean {
  const isPower = n >= 16_384 && n <= 262_144 && (n & (n - 1)) === 0
  return isPower && r >= 8 && r <= 16 && p >= 1 && p <= 4 && n * r <= 2_097_152
}
