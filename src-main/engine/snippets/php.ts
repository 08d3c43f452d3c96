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
import type { HmacVerification, SharedSecretVerification, Verification } from './verification.ts'

export const php: SnippetLanguage = {
  fileName: 'receiver.php',
  fileNames: /./,
  run: (file) => `php -d enable_post_data_reading=0 -S 127.0.0.1:3000 ${file}`,
  needs: 'PHP 8, and nothing else',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  return program(
    '<?php',
    '',
    about(subject, php.needs, '').map((line) => `// ${line}`.trimEnd()),
    '',
    'declare(strict_types=1);',
    '',
    `const MAX_BODY_BYTES = ${maxBodyMebibytes} * 1024 * 1024;`,
    checksAge(verification) && `const TOLERANCE_SECONDS = ${verification.toleranceSeconds};`,
    '',
    ...(isHmac ? hmac(verification) : sharedSecret(verification)),
    '',
    isHmac && [
      'function request_header(string $name): string',
      '{',
      "    return $_SERVER['HTTP_' . strtoupper(str_replace('-', '_', $name))] ?? '';",
      '}',
      '',
    ],
    '// A warning in the answer would make it 200.',
    "ini_set('display_errors', '0');",
    "$secret = (string) getenv('WEBHOOK_SECRET');",
    isHmac && keyLine(verification),
    `if (${keyIsMissing(verification)}) {`,
    "    error_log('Set WEBHOOK_SECRET to the signing secret');",
    '    http_response_code(500);',
    '    exit;',
    '}',
    '// With enable_post_data_reading in php.ini, a multipart body is empty here, and one above',
    '// post_max_size may be: set it to Off, as the command line above does.',
    "$body = (string) file_get_contents('php://input', false, null, 0, MAX_BODY_BYTES + 1);",
    'if (strlen($body) > MAX_BODY_BYTES) {',
    '    http_response_code(413);',
    '    exit;',
    '}',
    `if (!is_authentic($body, ${isBase64(verification) ? '$key' : '$secret'})) {`,
    "    error_log('refused ' . strlen($body) . ' bytes');",
    '    http_response_code(401);',
    '    exit;',
    '}',
    workHere(subject).map((line) => `// ${line}`),
    "error_log('accepted ' . strlen($body) . ' bytes');",
    'http_response_code(200);',
  )
}

function isBase64(verification: Verification): boolean {
  return verification.kind === 'hmac' && verification.base64Secret !== null
}

function keyLine({ base64Secret }: HmacVerification): string | false {
  if (base64Secret === null) return false
  return `$key = base64_decode(preg_replace('/^${base64Secret.prefix}/', '', $secret), true);`
}

function keyIsMissing(verification: Verification): string {
  return isBase64(verification) ? "$key === false || $key === ''" : "$secret === ''"
}

function hmac(verification: HmacVerification): (string | false)[] {
  const { header, timestampHeader, idHeader, shape, prefix, before, algorithm, encoding, timestampField } =
    verification
  const read = (name: string): string => `request_header('${name}')`
  const text = interpolated(before, (name) => `{$${name}}`)
  const signed = text === '' ? '$body' : '$content'
  const mac =
    encoding === 'hex'
      ? `hash_hmac('${algorithm}', ${signed}, $key)`
      : `base64_encode(hash_hmac('${algorithm}', ${signed}, $key, true))`
  const isSigned = shape.kind === 'whole' ? 'hash_equals($expected, $signature)' : '$isSigned'
  return [
    '/** @param string $body the bytes as they arrived, before anything parses them */',
    'function is_authentic(string $body, string $key): bool',
    '{',
    shape.kind === 'whole' && `    $signature = ${read(header)};`,
    shape.kind === 'several' && `    $signatures = explode('${shape.separator}', ${read(header)});`,
    ...(shape.kind === 'fields'
      ? [
          "    $timestamp = '';",
          '    $signatures = [];',
          `    foreach (array_map('trim', explode('${shape.separator}', ${read(header)})) as $field) {`,
          `        if ($timestamp === '' && str_starts_with($field, '${shape.timestampPrefix}')) {`,
          `            $timestamp = substr($field, ${shape.timestampPrefix.length});`,
          `        } elseif (str_starts_with($field, '${prefix}')) {`,
          '            $signatures[] = $field;',
          '        }',
          '    }',
        ]
      : []),
    timestampHeader !== null && `    $timestamp = ${read(timestampHeader)};`,
    idHeader !== null && `    $id = ${read(idHeader)};`,
    ...(hasHeaderTimestamp(verification)
      ? [
          "    if (!preg_match('/^[0-9]{1,15}$/D', $timestamp)) {",
          '        return false;',
          '    }',
          '    if (abs(time() - (int) $timestamp) > TOLERANCE_SECONDS) {',
          '        return false;',
          '    }',
        ]
      : []),
    text !== '' && `    $content = "${text}" . $body;`,
    `    $expected = ${prefix === '' ? '' : `'${prefix}' . `}${mac};`,
    ...(shape.kind === 'whole'
      ? []
      : [
          '    $isSigned = false;',
          '    foreach ($signatures as $signature) {',
          '        $isSigned = hash_equals($expected, $signature) || $isSigned;',
          '    }',
        ]),
    ...(timestampField === null
      ? [`    return ${isSigned};`]
      : [
          `    if (!${isSigned}) {`,
          '        return false;',
          '    }',
          '    // An old request that is sent again is refused by the time in its signed body.',
          '    $payload = json_decode($body, true);',
          `    $sentAt = is_array($payload) ? strtotime((string) ($payload['${timestampField}'] ?? '')) : false;`,
          '    return $sentAt !== false && abs(time() - $sentAt) <= TOLERANCE_SECONDS;',
        ]),
    '}',
  ]
}

function sharedSecret({ field }: SharedSecretVerification): string[] {
  return [
    'function is_authentic(string $body, string $secret): bool',
    '{',
    '    $payload = json_decode($body, true);',
    `    $given = is_array($payload) ? ($payload['${field}'] ?? null) : null;`,
    '    return is_string($given) && hash_equals($secret, $given);',
    '}',
  ]
}
