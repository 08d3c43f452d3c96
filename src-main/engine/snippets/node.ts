import {
  about,
  checksAge,
  hasHeaderTimestamp,
  interpolated,
  maxBodyMebibytes,
  program,
  workHere,
  type SnippetLanguage,
  type SnippetSubject,
} from './lines.ts'
import type { HmacVerification, SharedSecretVerification } from './verification.ts'

export const node: SnippetLanguage = {
  fileName: 'receiver.mjs',
  fileNames: /\.m?js$/,
  run: (file) => `node ${file}`,
  needs: 'Node 18 or newer, and nothing else',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  const isModuleByName = !/\.js'?$/.test(subject.run)
  return program(
    about(subject, isModuleByName ? node.needs : 'Node 22.7 or newer, or an older one and the name .mjs').map(
      (line) => `// ${line}`.trimEnd(),
    ),
    '',
    `import { ${isHmac ? 'createHmac, ' : ''}timingSafeEqual } from 'node:crypto'`,
    "import { createServer } from 'node:http'",
    '',
    "const secret = process.env.WEBHOOK_SECRET ?? ''",
    isHmac && keyLine(verification),
    `if (${isHmac ? 'key' : 'secret'}.length === 0) throw new Error('Set WEBHOOK_SECRET to the signing secret')`,
    `const maxBodyBytes = ${maxBodyMebibytes} * 1024 * 1024`,
    checksAge(verification) && `const toleranceSeconds = ${verification.toleranceSeconds}`,
    '',
    '/** @param {Buffer} body the bytes as they arrived, before anything parses them */',
    ...(isHmac ? hmac(verification) : sharedSecret(verification)),
    '',
    'function isEqual(left, right) {',
    '  const a = Buffer.from(left)',
    '  const b = Buffer.from(right)',
    '  return a.length === b.length && timingSafeEqual(a, b)',
    '}',
    '',
    'const server = createServer((request, response) => {',
    '  const parts = []',
    '  let bodyBytes = 0',
    "  request.on('data', (part) => {",
    '    parts.push(part)',
    '    bodyBytes += part.length',
    '    if (bodyBytes <= maxBodyBytes) return',
    '    request.pause()',
    "    response.writeHead(413, { Connection: 'close' }).end()",
    '  })',
    "  request.on('end', () => {",
    '    const body = Buffer.concat(parts)',
    `    if (!isAuthentic(${isHmac ? 'request.headers, ' : ''}body)) {`,
    '      console.log(`refused ${body.length} bytes`)',
    '      response.writeHead(401).end()',
    '      return',
    '    }',
    workHere(subject).map((line) => `    // ${line}`),
    '    console.log(`accepted ${body.length} bytes`)',
    '    response.writeHead(200).end()',
    '  })',
    '})',
    'const port = Number(process.env.PORT ?? 3000)',
    "server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}`))",
  )
}

function keyLine({ base64Secret }: HmacVerification): string {
  if (base64Secret === null) return 'const key = Buffer.from(secret)'
  return `const key = Buffer.from(secret.replace(/^${base64Secret.prefix}/, ''), 'base64')`
}

function hmac(verification: HmacVerification): (string | false)[] {
  const { header, timestampHeader, idHeader, shape, prefix, before, algorithm, encoding, timestampField } =
    verification
  const read = (name: string): string => `headers['${name.toLowerCase()}'] ?? ''`
  const content = interpolated(before, (name) => `\${${name}}`)
  const signed = content === '' ? '' : `.update(\`${content}\`, 'latin1')`
  const isIn = {
    whole: 'isEqual(signature, expected)',
    several: 'signatures.some((signature) => isEqual(signature, expected))',
    fields: 'signatures.some((signature) => isEqual(signature, expected))',
  }[shape.kind]
  return [
    'function isAuthentic(headers, body) {',
    shape.kind === 'whole' && `  const signature = ${read(header)}`,
    shape.kind === 'several' && `  const signatures = (${read(header)}).split('${shape.separator}')`,
    ...(shape.kind === 'fields'
      ? [
          `  const fields = (${read(header)}).split('${shape.separator}').map((field) => field.trim())`,
          `  const dated = fields.find((field) => field.startsWith('${shape.timestampPrefix}')) ?? ''`,
          `  const timestamp = dated.slice(${shape.timestampPrefix.length})`,
          `  const signatures = fields.filter((field) => field.startsWith('${prefix}'))`,
        ]
      : []),
    timestampHeader !== null && `  const timestamp = ${read(timestampHeader)}`,
    idHeader !== null && `  const id = ${read(idHeader)}`,
    ...(hasHeaderTimestamp(verification)
      ? [
          '  if (!/^\\d+$/.test(timestamp)) return false',
          '  const ageSeconds = Math.floor(Date.now() / 1000) - Number(timestamp)',
          '  if (Math.abs(ageSeconds) > toleranceSeconds) return false',
        ]
      : []),
    `  const hmac = createHmac('${algorithm}', key)${signed}.update(body)`,
    `  const expected = ${prefix === '' ? '' : `'${prefix}' + `}hmac.digest('${encoding}')`,
    ...(timestampField === null
      ? [`  return ${isIn}`]
      : [
          `  if (!(${isIn})) return false`,
          '  // An old request that is sent again is refused by the time in its signed body.',
          '  try {',
          `    const sentAt = Date.parse(JSON.parse(body.toString()).${timestampField})`,
          '    return Math.abs(Date.now() - sentAt) <= toleranceSeconds * 1000',
          '  } catch {',
          '    return false',
          '  }',
        ]),
    '}',
  ]
}

function sharedSecret({ field }: SharedSecretVerification): string[] {
  return [
    'function isAuthentic(body) {',
    '  try {',
    `    const { ${field}: given } = JSON.parse(body.toString())`,
    "    return typeof given === 'string' && isEqual(given, secret)",
    '  } catch {',
    '    return false',
    '  }',
    '}',
  ]
}
