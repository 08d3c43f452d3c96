import {
  about,
  checksAge,
  hasHeaderTimestamp,
  maxBodyMebibytes,
  program,
  readsJson,
  summed,
  workHere,
  type SnippetLanguage,
  type SnippetSubject,
} from './lines.ts'
import type { HmacVerification, SharedSecretVerification } from './verification.ts'

export const java: SnippetLanguage = {
  fileName: 'Receiver.java',
  // The class is not public, so its file may have any name.
  fileNames: /\.java$/,
  run: (file) => `java ${file}`,
  needs: 'a JDK 17 or newer, and nothing else',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  return program(
    about(subject, java.needs).map((line) => `// ${line}`.trimEnd()),
    '',
    importsOf(subject).map((name) => `import ${name};`),
    '',
    'class Receiver {',
    `    static final int MAX_BODY_BYTES = ${maxBodyMebibytes} * 1024 * 1024;`,
    checksAge(verification) && `    static final long TOLERANCE_SECONDS = ${verification.toleranceSeconds};`,
    '',
    isHmac ? hmac(verification) : sharedSecret(verification),
    '',
    readsJson(verification) && [...textField, ''],
    '    public static void main(String[] arguments) throws Exception {',
    '        String secret = System.getenv().getOrDefault("WEBHOOK_SECRET", "");',
    "        if (secret.indexOf('\\uFFFD') >= 0) {",
    '            System.err.println("Java can\'t read WEBHOOK_SECRET in this locale; set LC_ALL=C.UTF-8");',
    '            System.exit(1);',
    '        }',
    isHmac && keyLine(verification),
    `        if (${isHmac ? 'key.length == 0' : 'secret.isEmpty()'}) {`,
    '            System.err.println("Set WEBHOOK_SECRET to the signing secret");',
    '            System.exit(1);',
    '        }',
    '        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));',
    '        System.setProperty("sun.net.httpserver.maxReqTime", "60"); // seconds for a whole request',
    '        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);',
    '        server.createContext("/", exchange -> {',
    '            byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);',
    '            boolean fits = body.length <= MAX_BODY_BYTES;',
    isHmac && '            Headers headers = exchange.getRequestHeaders();',
    `            boolean authentic = fits && isAuthentic(${isHmac ? 'headers, body, key' : 'body, secret'});`,
    '            if (authentic) {',
    workHere(subject).map((line) => `                // ${line}`),
    '            }',
    '            System.out.println((authentic ? "accepted " : "refused ") + body.length + " bytes");',
    '            exchange.sendResponseHeaders(authentic ? 200 : fits ? 401 : 413, -1);',
    '            exchange.close();',
    '        });',
    '        server.setExecutor(Executors.newCachedThreadPool());',
    '        server.start();',
    '        System.out.println("listening on http://127.0.0.1:" + port);',
    '    }',
    '}',
  )
}

function importsOf({ verification }: SnippetSubject): string[] {
  const names = [
    'com.sun.net.httpserver.HttpServer',
    'java.net.InetSocketAddress',
    'java.nio.charset.StandardCharsets',
    'java.security.MessageDigest',
    'java.util.concurrent.Executors',
  ]
  if (readsJson(verification)) names.push('java.util.HexFormat', 'java.util.regex.Pattern')
  if (verification.kind === 'hmac') {
    const { encoding, base64Secret, shape, timestampField } = verification
    names.push(
      'com.sun.net.httpserver.Headers',
      'java.security.GeneralSecurityException',
      'javax.crypto.Mac',
      'javax.crypto.spec.SecretKeySpec',
    )
    if (encoding === 'base64' || base64Secret !== null) names.push('java.util.Base64')
    if (encoding === 'hex' && !readsJson(verification)) names.push('java.util.HexFormat')
    if (shape.kind === 'fields') names.push('java.util.ArrayList')
    if (shape.kind !== 'whole') names.push('java.util.List')
    if (checksAge(verification)) names.push('java.time.Instant')
    if (timestampField !== null)
      names.push('java.time.OffsetDateTime', 'java.time.format.DateTimeParseException')
  }
  return names.sort()
}

function keyLine({ base64Secret }: HmacVerification): string {
  if (base64Secret === null) return '        byte[] key = secret.getBytes(StandardCharsets.UTF_8);'
  const { prefix } = base64Secret
  const encoded = prefix === '' ? 'secret' : `secret.replaceFirst("^${prefix}", "")`
  return `        byte[] key = Base64.getDecoder().decode(${encoded});`
}

function hmac(verification: HmacVerification): (string | false)[] {
  const { header, timestampHeader, idHeader, shape, prefix, before, algorithm, encoding, timestampField } =
    verification
  const name = `Hmac${algorithm.toUpperCase()}`
  const digest =
    encoding === 'hex'
      ? 'HexFormat.of().formatHex(mac.doFinal(body))'
      : 'Base64.getEncoder().encodeToString(mac.doFinal(body))'
  const isSigned = shape.kind === 'whole' ? 'isEqual(signature, expected)' : 'isSigned'
  return [
    '    /** @param body the bytes as they arrived, before anything parses them */',
    '    static boolean isAuthentic(Headers headers, byte[] body, byte[] key) {',
    shape.kind === 'whole' && `        String signature = header(headers, "${header}");`,
    shape.kind === 'several' &&
      `        List<String> signatures = List.of(header(headers, "${header}").split("${shape.separator}"));`,
    ...(shape.kind === 'fields'
      ? [
          '        String timestamp = "";',
          '        List<String> signatures = new ArrayList<>();',
          `        for (String field : header(headers, "${header}").split("${shape.separator}")) {`,
          '            field = field.strip();',
          `            if (timestamp.isEmpty() && field.startsWith("${shape.timestampPrefix}")) {`,
          `                timestamp = field.substring(${shape.timestampPrefix.length});`,
          `            } else if (field.startsWith("${prefix}")) {`,
          '                signatures.add(field);',
          '            }',
          '        }',
        ]
      : []),
    timestampHeader !== null && `        String timestamp = header(headers, "${timestampHeader}");`,
    idHeader !== null && `        String id = header(headers, "${idHeader}");`,
    ...(hasHeaderTimestamp(verification)
      ? [
          '        if (!timestamp.matches("[0-9]{1,15}") || !isRecent(Long.parseLong(timestamp))) {',
          '            return false;',
          '        }',
        ]
      : []),
    '        String expected;',
    '        try {',
    `            Mac mac = Mac.getInstance("${name}");`,
    `            mac.init(new SecretKeySpec(key, "${name}"));`,
    before.length > 0 && `            mac.update((${summed(before)}).getBytes(StandardCharsets.ISO_8859_1));`,
    `            expected = ${prefix === '' ? '' : `"${prefix}" + `}${digest};`,
    '        } catch (GeneralSecurityException impossible) {',
    '            throw new IllegalStateException(impossible);',
    '        }',
    ...(shape.kind === 'whole'
      ? []
      : [
          '        boolean isSigned = false;',
          '        for (String signature : signatures) {',
          '            isSigned |= isEqual(signature, expected);',
          '        }',
        ]),
    ...(timestampField === null
      ? [`        return ${isSigned};`]
      : [
          `        if (!${isSigned}) {`,
          '            return false;',
          '        }',
          '        // An old request that is sent again is refused by the time in its signed body.',
          `        String sentAt = textField(body, "${timestampField}");`,
          '        try {',
          '            return sentAt != null && isRecent(OffsetDateTime.parse(sentAt).toEpochSecond());',
          '        } catch (DateTimeParseException notATime) {',
          '            return false;',
          '        }',
        ]),
    '    }',
    ...(checksAge(verification)
      ? [
          '',
          '    static boolean isRecent(long sentAt) {',
          '        return Math.abs(Instant.now().getEpochSecond() - sentAt) <= TOLERANCE_SECONDS;',
          '    }',
        ]
      : []),
    '',
    '    static String header(Headers headers, String name) {',
    '        String value = headers.getFirst(name);',
    '        return value == null ? "" : value;',
    '    }',
    '',
    ...isEqual,
  ]
}

const isEqual = [
  '    static boolean isEqual(String left, String right) {',
  '        byte[] a = left.getBytes(StandardCharsets.UTF_8);',
  '        return MessageDigest.isEqual(a, right.getBytes(StandardCharsets.UTF_8));',
  '    }',
]

function sharedSecret({ field }: SharedSecretVerification): string[] {
  return [
    '    static boolean isAuthentic(byte[] body, String secret) {',
    `        String given = textField(body, "${field}");`,
    '        return given != null && isEqual(given, secret);',
    '    }',
    '',
    ...isEqual,
  ]
}

const textField = [
  '    /** The text of a field of a JSON object, or null. The JDK has no JSON reader; use your own. */',
  '    static String textField(byte[] body, String name) {',
  '        try {',
  '            Json json = new Json(new String(body, StandardCharsets.UTF_8));',
  "            String text = json.peek() == '{' ? json.value(name, 0) : null;",
  '            return json.json.substring(json.at).isBlank() ? text : null;',
  '        } catch (IllegalArgumentException | IndexOutOfBoundsException notJson) {',
  '            return null;',
  '        }',
  '    }',
  '',
  '    /** Reads JSON strictly; throws for what is none. */',
  '    static class Json {',
  '        static final Pattern LITERAL = Pattern.compile(',
  '            "true|false|null|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?");',
  '        final String json;',
  '        int at;',
  '',
  '        Json(String json) {',
  '            this.json = json;',
  '        }',
  '',
  '        /** Reads a value. Returns a text, or the text in the named field of an object, or null. */',
  '        String value(String name, int depth) {',
  '            char first = peek();',
  "            if (first == '\"') return text();",
  "            if (first != '{' && first != '[') return literal();",
  '            if (depth > 500) throw new IllegalArgumentException();',
  "            char end = first == '{' ? '}' : ']';",
  '            String found = null;',
  '            at++;',
  '            if (skip(end)) return null;',
  '            do {',
  "                String key = first == '{' ? text() : null;",
  "                if (key != null) expect(':');",
  '                String text = value(null, depth + 1);',
  '                if (key != null && key.equals(name)) found = text;',
  "            } while (skip(','));",
  '            expect(end);',
  '            return found;',
  '        }',
  '',
  '        String text() {',
  "            expect('\"');",
  '            StringBuilder text = new StringBuilder();',
  "            for (char c = json.charAt(at++); c != '\"'; c = json.charAt(at++)) {",
  "                if (c < ' ') throw new IllegalArgumentException();",
  "                if (c == '\\\\') {",
  '                    c = json.charAt(at++);',
  "                    if (c == 'u') c = (char) HexFormat.fromHexDigits(json, at, at += 4);",
  '                    else c = "\\"\\\\/\\b\\f\\n\\r\\t".charAt("\\"\\\\/bfnrt".indexOf(c));',
  '                }',
  '                text.append(c);',
  '            }',
  '            return text.toString();',
  '        }',
  '',
  '        String literal() {',
  '            int from = at;',
  '            while (",]} \\t\\r\\n".indexOf(json.charAt(at)) < 0) at++;',
  '            if (LITERAL.matcher(json.substring(from, at)).matches()) return null;',
  '            throw new IllegalArgumentException();',
  '        }',
  '',
  '        void expect(char wanted) {',
  '            if (!skip(wanted)) throw new IllegalArgumentException();',
  '        }',
  '',
  '        boolean skip(char wanted) {',
  '            if (peek() != wanted) return false;',
  '            at++;',
  '            return true;',
  '        }',
  '',
  '        /** What comes after white space. */',
  '        char peek() {',
  '            while (" \\t\\r\\n".indexOf(json.charAt(at)) >= 0) at++;',
  '            return json.charAt(at);',
  '        }',
  '    }',
]
