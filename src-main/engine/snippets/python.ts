import {
  about,
  checksAge,
  hasHeaderTimestamp,
  interpolated,
  program,
  readsJson,
  workHere,
  type SnippetLanguage,
  type SnippetSubject,
} from './lines.ts'
import type { HmacVerification, SharedSecretVerification } from './verification.ts'

export const python: SnippetLanguage = {
  fileName: 'receiver.py',
  run: 'python3 receiver.py',
  needs: 'Python 3.8 or newer, and nothing else',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  return program(
    about(subject, python.run, python.needs).map((line, index) => (index === 0 ? `"""${line}` : line)),
    '"""',
    '',
    isHmac && (verification.base64Secret !== null || verification.encoding === 'base64') && 'import base64',
    isHmac && 'import hashlib',
    'import hmac',
    readsJson(verification) && 'import json',
    'import os',
    isHmac && hasHeaderTimestamp(verification) && 'import re',
    'import sys',
    checksAge(verification) && 'import time',
    isHmac && verification.timestampField !== null && 'from datetime import datetime',
    'from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer',
    '',
    'SECRET = os.environ.get("WEBHOOK_SECRET", "")',
    isHmac && keyLines(verification),
    `if not ${isHmac ? 'KEY' : 'SECRET'}:`,
    '    sys.exit("Set WEBHOOK_SECRET to the signing secret")',
    checksAge(verification) && `TOLERANCE_SECONDS = ${verification.toleranceSeconds}`,
    '',
    '',
    isHmac ? hmac(verification) : sharedSecret(verification),
    '',
    '',
    'class Receiver(BaseHTTPRequestHandler):',
    '    def receive(self):',
    '        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))',
    `        if not is_authentic(${isHmac ? 'self.headers, ' : ''}body):`,
    '            print(f"refused {len(body)} bytes", flush=True)',
    '            self.send_response(401)',
    '            self.end_headers()',
    '            return',
    workHere(subject).map((line) => `        # ${line}`),
    '        print(f"accepted {len(body)} bytes", flush=True)',
    '        self.send_response(200)',
    '        self.end_headers()',
    '',
    '    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = receive',
    '',
    '    def log_message(self, format, *args):',
    '        pass',
    '',
    '',
    'if __name__ == "__main__":',
    '    port = int(os.environ.get("PORT", 3000))',
    '    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)',
    '    print(f"listening on http://127.0.0.1:{port}", flush=True)',
    '    server.serve_forever()',
  )
}

function keyLines({ base64Secret }: HmacVerification): string[] {
  if (base64Secret === null) return ['KEY = SECRET.encode()']
  const { prefix } = base64Secret
  return [
    ...(prefix === ''
      ? ['encoded = SECRET']
      : [`encoded = SECRET[${prefix.length}:] if SECRET.startswith("${prefix}") else SECRET`]),
    'KEY = base64.b64decode(encoded)',
  ]
}

function hmac(verification: HmacVerification): (string | false)[] {
  const { header, timestampHeader, idHeader, shape, prefix, before, algorithm, encoding, timestampField } =
    verification
  const read = (name: string): string => `headers.get("${name}", "")`
  const text = interpolated(before, (name) => `{${name}}`)
  const mac = `hmac.new(KEY, ${text === '' ? 'body' : 'content'}, hashlib.${algorithm})`
  const digest = encoding === 'hex' ? `${mac}.hexdigest()` : `base64.b64encode(${mac}.digest()).decode()`
  const isIn =
    shape.kind === 'whole'
      ? 'is_equal(signature, expected)'
      : 'any([is_equal(signature, expected) for signature in signatures])'
  return [
    'def is_authentic(headers, body):',
    '    """`body`: the bytes as they arrived, before anything parses them."""',
    shape.kind === 'whole' && `    signature = ${read(header)}`,
    shape.kind === 'several' && `    signatures = ${read(header)}.split("${shape.separator}")`,
    ...(shape.kind === 'fields'
      ? [
          `    fields = [field.strip() for field in ${read(header)}.split("${shape.separator}")]`,
          `    dated = [field for field in fields if field.startswith("${shape.timestampPrefix}")]`,
          `    timestamp = dated[0][${shape.timestampPrefix.length}:] if dated else ""`,
          `    signatures = [field for field in fields if field.startswith("${prefix}")]`,
        ]
      : []),
    timestampHeader !== null && `    timestamp = ${read(timestampHeader)}`,
    idHeader !== null && `    id = ${read(idHeader)}`,
    ...(hasHeaderTimestamp(verification)
      ? [
          '    if not re.fullmatch("[0-9]{1,15}", timestamp):',
          '        return False',
          '    if abs(int(time.time()) - int(timestamp)) > TOLERANCE_SECONDS:',
          '        return False',
        ]
      : []),
    text !== '' && `    content = f"${text}".encode("latin-1") + body`,
    `    expected = ${prefix === '' ? '' : `"${prefix}" + `}${digest}`,
    ...(timestampField === null
      ? [`    return ${isIn}`]
      : [
          `    if not ${isIn}:`,
          '        return False',
          '    # An old request that is sent again is refused by the time in its signed body.',
          '    try:',
          `        text = json.loads(body)["${timestampField}"].replace("Z", "+00:00")`,
          '        age_seconds = time.time() - datetime.fromisoformat(text).timestamp()',
          '        return abs(age_seconds) <= TOLERANCE_SECONDS',
          '    except (AttributeError, KeyError, TypeError, ValueError):',
          '        return False',
        ]),
    '',
    '',
    'def is_equal(left, right):',
    '    return hmac.compare_digest(left.encode("latin-1"), right.encode("latin-1"))',
  ]
}

function sharedSecret({ field }: SharedSecretVerification): string[] {
  return [
    'def is_authentic(body):',
    '    try:',
    `        given = json.loads(body)["${field}"]`,
    '        return hmac.compare_digest(given.encode(), SECRET.encode())',
    '    except (AttributeError, KeyError, TypeError, ValueError):',
    '        return False',
  ]
}
