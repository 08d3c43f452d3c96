import {
  about,
  checksAge,
  hasHeaderTimestamp,
  interpolated,
  maxBodyMebibytes,
  program,
  readsJson,
  workHere,
  type SnippetLanguage,
  type SnippetSubject,
} from './lines.ts'
import type { HmacVerification, SharedSecretVerification } from './verification.ts'

export const python: SnippetLanguage = {
  fileName: 'receiver.py',
  fileNames: /./,
  run: (file) => `python3 ${file}`,
  needs: 'Python 3.8 or newer, and nothing else',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  return program(
    about(subject, python.needs).map((line, index) => (index === 0 ? `"""${line}` : line)),
    '"""',
    '',
    isHmac && (verification.base64Secret !== null || verification.encoding === 'base64') && 'import base64',
    'import contextlib',
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
    '# Bytes, whatever the locale is.',
    'SECRET = os.fsencode(os.environ.get("WEBHOOK_SECRET", ""))',
    isHmac && keyLines(verification),
    `if not ${isHmac ? 'KEY' : 'SECRET'}:`,
    '    sys.exit("Set WEBHOOK_SECRET to the signing secret")',
    `MAX_BODY_BYTES = ${maxBodyMebibytes} * 1024 * 1024`,
    checksAge(verification) && `TOLERANCE_SECONDS = ${verification.toleranceSeconds}`,
    '',
    '',
    isHmac ? hmac(verification) : sharedSecret(verification),
    '',
    '',
    receiver(subject),
    '',
    '',
    'if __name__ == "__main__":',
    '    port = int(os.environ.get("PORT", 3000))',
    '    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)',
    '    print(f"listening on http://127.0.0.1:{port}", flush=True)',
    '    try:',
    '        server.serve_forever()',
    '    except KeyboardInterrupt:',
    '        pass',
  )
}

function receiver(subject: SnippetSubject): string[] {
  const isHmac = subject.verification.kind === 'hmac'
  return [
    'class Receiver(BaseHTTPRequestHandler):',
    '    timeout = 10  # seconds in which nothing arrives',
    '',
    '    def handle(self):',
    '        with contextlib.suppress(ConnectionError):  # the sender went away',
    '            super().handle()',
    '',
    '    def receive(self):',
    '        try:',
    '            body = self.read_body()',
    '        except ValueError:',
    '            return self.answer(400)',
    '        if body is None:',
    '            return self.answer(413)',
    `        if not is_authentic(${isHmac ? 'self.headers, ' : ''}body):`,
    '            print(f"refused {len(body)} bytes", flush=True)',
    '            return self.answer(401)',
    ...workHere(subject).map((line) => `        # ${line}`),
    '        print(f"accepted {len(body)} bytes", flush=True)',
    '        self.answer(200)',
    '',
    ...readBody,
    '',
    '    def answer(self, status):',
    '        self.send_response(status)',
    '        self.end_headers()',
    '',
    '    def __getattr__(self, name):',
    '        if name.startswith("do_"):  # do_POST, and every other method',
    '            return self.receive',
    '        raise AttributeError(name)',
    '',
    '    def log_message(self, format, *args):',
    '        pass',
  ]
}

const readBody = [
  '    def read_body(self):',
  '        """The bytes as they arrived, or None when there are too many."""',
  '        if "Transfer-Encoding" not in self.headers:',
  '            size = int(self.headers.get("Content-Length", 0))',
  '            if size < 0:',
  '                raise ValueError(size)',
  '            return self.rfile.read(size) if size <= MAX_BODY_BYTES else None',
  '        body = bytearray()',
  '        size = 1',
  '        while size > 0:  # chunks: each has its size in a line before it; the last one is empty',
  '            size = int(self.rfile.readline(100).split(b";")[0], 16)',
  '            if size < 0:',
  '                raise ValueError(size)',
  '            if len(body) + size > MAX_BODY_BYTES:',
  '                return None',
  '            body += self.rfile.read(size)',
  '            self.rfile.readline(100)',
  '        return bytes(body)',
]

function keyLines({ base64Secret }: HmacVerification): string[] {
  if (base64Secret === null) return ['KEY = SECRET']
  const { prefix } = base64Secret
  return [
    ...(prefix === ''
      ? ['encoded = SECRET']
      : [`encoded = SECRET[${prefix.length}:] if SECRET.startswith(b"${prefix}") else SECRET`]),
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
          '    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):',
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
    '        return hmac.compare_digest(given.encode(), SECRET)',
    '    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):',
    '        return False',
  ]
}
