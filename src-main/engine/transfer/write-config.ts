import { Document, isScalar, Scalar, visit } from 'yaml'
import type { Tree } from './config-tree.ts'
import { Secret, type ReferenceNames } from './secrets.ts'

/** What a secret's place is called in its reference; other keys add nothing to it. */
const places: Readonly<Record<string, string>> = {
  secret: 'SECRET',
  secrets: 'SECRET',
  previous_secret: 'PREVIOUS_SECRET',
  client_key: 'CLIENT_KEY',
  url_template: 'URL',
  forward_to: 'FORWARD_TO',
  headers_template: 'HEADER',
  query_template: 'QUERY',
  answer: 'ANSWER',
}

type Words = readonly string[]
type Writer = (words: Words, secret: Secret) => string

/** The tree with every secret as text: `${NAME}`, or encrypted. */
export function writtenTree(
  tree: Tree,
  names: ReferenceNames,
  seal: ((plain: string) => string) | null,
): unknown {
  const write: Writer = (words, secret) =>
    seal === null ? `\${${names.of(...words)}}` : seal(secret.reveal())
  return written(tree, [], write)
}

function written(node: Tree, words: Words, write: Writer): unknown {
  if (node instanceof Secret) return write(words, node)
  if (Array.isArray(node))
    return (node as readonly Tree[]).map((item) => written(item, [...words, nameIn(item)], write))
  if (node === null || typeof node !== 'object') return node
  const { provider, destinations } = node as Readonly<Record<string, Tree>>
  // A workspace's name says less than its provider's.
  const above = typeof provider === 'string' && destinations !== undefined ? [provider] : words
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, written(value, [...above, placeOf(key)], write)]),
  )
}

function placeOf(key: string): string {
  return key === 'endpoints' ? 'ENDPOINT' : (places[key] ?? '')
}

/** What tells an item from its neighbours: its slug or name; of a header in brackets its first part. */
function nameIn(item: Tree): string {
  if (item === null || typeof item !== 'object' || item instanceof Secret) return ''
  const { slug, name, 0: first } = item as Readonly<Record<string, Tree>>
  const found = slug ?? name ?? first
  return typeof found === 'string' ? found : ''
}

const heading = ` Hookbench configuration: \`hookbench import\` shows what it would change with --dry-run.
 Secrets are not in here: \${NAME} stands for the environment variable NAME of the import.`
const sealedHeading = ` Hookbench configuration: \`hookbench import\` shows what it would change with --dry-run.
 Its secrets are encrypted: the import needs the passphrase.`

export function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/** What YAML readers change or refuse outside of double quotes: control characters, half emojis, nothing but space. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const delicate = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]|^\s+$/u

export function yamlText(value: unknown, isSealed: boolean): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  document.commentBefore = isSealed ? sealedHeading : heading
  visit(document, {
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === 'string' && delicate.test(node.value))
        node.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document.toString({ lineWidth: 0 })
}
